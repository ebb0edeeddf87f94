// SPDX-License-Identifier: GPL-3.0-or-later
// The declaration as a value: what cc-ci.toml says, checked, with the places where it says it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "declare/name.hpp"
#include "declare/package_rule.hpp"
#include "declare/service.hpp"

namespace ccci::declare {

// A list that came before: as it stands here, or read from where it stood.
struct Baseline {
  Name name;
  std::vector<Name> tools;
  Name from = {};  // "nix/modules/sweep.nix@v1": a file of the repository at a git revision

  bool operator==(const Baseline&) const = default;
};

struct Declaration {
  std::string file;  // as the person gave it, for messages
  std::vector<Name> tools;
  std::vector<Name> python;
  std::vector<Name> library_packages;  // [runtime] packages: Debian packages, nothing on PATH
  std::map<std::string, std::string> variables;
  DebianSource debian;
  std::map<std::string, PackageRule> packages;
  std::map<std::string, Entrypoint> entrypoints;
  std::map<std::string, Timer> timers;
  std::map<std::string, Runner> runners;
  std::map<std::string, Host> hosts;
  Health health;
  std::vector<std::string> witness;  // the one test; [0] names an entrypoint; empty: none
  std::map<std::string, Baseline> baselines;
  std::map<std::string, std::string> waivers;  // a baseline's name, dropped for this reason
  std::map<std::string, std::string> ignored;  // [prove.ignore]: a path, and why it is excused

  bool operator==(const Declaration&) const = default;

  // The rule for the tool or module, or nothing where it is the package of its own name.
  const PackageRule* rule(std::string_view name) const;
  // The Debian package behind a tool (its own name unless a rule says otherwise); nothing where a
  // pinned archive stands behind it.
  std::optional<std::string> debian_package(std::string_view tool) const;
  // The same for an entry of `python`: python3-NAME, lower case, '_' and '.' as '-'.
  std::optional<std::string> python_package(std::string_view module) const;
};

inline constexpr std::size_t largest_declaration = 1U << 20U;  // bytes

// All mistakes at once: the first is the Error, the others are in `also` [declare.*].
// `file` names the text in positions; nothing is opened.
base::Result<Declaration> parse(std::string_view text, const std::string& file);

// A commented starter file that parses.
std::string starter();

// JSON Schema (2020-12) of the format, made from the table of keys that parse() obeys.
std::string json_schema();

}  // namespace ccci::declare
