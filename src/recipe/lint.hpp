// SPDX-License-Identifier: GPL-3.0-or-later
// Checks a recipe by rules: R001 to R015 are abra's, C001 and following are cc-ci's own. What only
// a forge or the catalogue knows is unverified.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "git/repository.hpp"
#include "recipe/app.hpp"
#include "recipe/route.hpp"

namespace ccci::recipe {

enum class Severity { warn, error };
enum class LintVerdict { pass, warn, fail, unverified };
std::string_view name(Severity severity);
std::string_view name(LintVerdict verdict);

struct LintFinding {
  std::string file;
  int line = 0;  // 0: of the whole file
  std::string what;

  bool operator==(const LintFinding&) const = default;
};

// What the rules look at.
struct LintInput {
  Recipe recipe;
  EnvFile sample;
  Exports exports;
  // The app as .env.sample has it, then one for each compose file that COMPOSE_FILE does not name,
  // together with those that it names.
  std::vector<Composed> composed;
  std::vector<base::Error> broken;  // overlays that cannot be resolved with the main files
  std::vector<SecretSpec> secrets;
  std::optional<std::vector<git::Tag>> tags;  // absent: the directory is not a repository
  // The routes that whoever serves the app in a test cannot serve. The caller knows it.
  std::function<std::vector<NotRouted>(const Routing&)> unserved = [](const Routing&) {
    return std::vector<NotRouted>();
  };
};

struct LintRule {
  std::string_view id;
  Severity severity = Severity::warn;
  std::string_view title;   // what is to be true
  std::string_view remedy;  // what to do
  // Adds what breaks the rule. Returns why the rule cannot be checked here, else an empty text.
  std::string_view (*check)(const LintInput& input, std::vector<LintFinding>& findings) = nullptr;
  // What a declaration allows who wants it so; empty: nothing.
  std::string_view permission = {};
};

struct LintResult {
  const LintRule* rule = nullptr;
  LintVerdict verdict = LintVerdict::pass;
  std::vector<LintFinding> findings;
  std::string unverified;  // why
};

// The table of rules, in the order of their ids.
std::span<const LintRule> lint_rules();

// Reads what the rules look at. The domain is one that needs no DNS. Fails where the recipe cannot
// be read or resolved: all errors of app.hpp.
base::Result<LintInput> lint_input(const Folder& folder, std::optional<std::vector<git::Tag>> tags);

std::vector<LintResult> lint(const LintInput& input);

// fail if a rule fails, else warn or pass. Unverified rules do not count.
LintVerdict verdict(const std::vector<LintResult>& results);

base::Json to_json(const std::string& recipe, const std::vector<LintResult>& results);

}  // namespace ccci::recipe
