// SPDX-License-Identifier: GPL-3.0-or-later

#include <map>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "ingress/configuration.hpp"
#include "recipe/history.hpp"
#include "recipe/lint.hpp"

namespace ccci::cli {

namespace {

std::string place_of(const recipe::LintFinding& finding) {
  return finding.line > 0 ? finding.file + ":" + std::to_string(finding.line) : finding.file;
}

void print_result(Invocation& invocation, const recipe::LintResult& result) {
  const auto line = [&](const std::string& text) { invocation.out().line(base::printable(text)); };
  std::string verdict(recipe::name(result.verdict));
  verdict.resize(12, ' ');
  line(std::string(result.rule->id) + "  " + verdict + std::string(result.rule->title));
  for (const recipe::LintFinding& finding : result.findings)
    line("  " + place_of(finding) + ": " + finding.what);
  if (!result.unverified.empty()) line("  " + result.unverified);
  if (!result.findings.empty()) line("  remedy: " + std::string(result.rule->remedy));
}

void print_sum(Invocation& invocation, const std::string& name,
               const std::vector<recipe::LintResult>& results) {
  std::map<recipe::LintVerdict, int> counts;
  for (const recipe::LintResult& result : results) ++counts[result.verdict];
  std::string text;
  for (const recipe::LintVerdict verdict :
       {recipe::LintVerdict::pass, recipe::LintVerdict::warn, recipe::LintVerdict::fail,
        recipe::LintVerdict::unverified})
    text += (text.empty() ? "" : ", ") + std::to_string(counts[verdict]) + " " +
            std::string(recipe::name(verdict));
  invocation.out().line(base::printable(name) + ": " + text);
}

base::Result<int> run_lint(Invocation& invocation) {
  CCCI_TRY(const recipe::Folder folder, recipe::Folder::open(invocation.operands()[0]));
  CCCI_TRY(std::optional<std::vector<git::Tag>> tags,
           recipe::read_tags(folder, base::real_processes()));
  CCCI_TRY(recipe::LintInput input, recipe::lint_input(folder, std::move(tags)));
  input.unserved = ingress::unserved;
  const std::vector<recipe::LintResult> results = recipe::lint(input);
  if (invocation.json()) {
    invocation.print(recipe::to_json(folder.name(), results));
  } else {
    for (const recipe::LintResult& result : results) print_result(invocation, result);
    print_sum(invocation, folder.name(), results);
  }
  return recipe::verdict(results) == recipe::LintVerdict::fail ? 1 : 0;
}

}  // namespace

const Command& lint_command() {
  static const Command command{
      .name = "lint",
      .section = "Look",
      .purpose = "check a Co-op Cloud recipe by abra's rules and by cc-ci's own",
      .operands = {{.name = "RECIPE_DIR", .completes = Completion::directory}},
      .options = {json_option()},
      .prose =
          "Reads the recipe in RECIPE_DIR: compose.yml and its overlays, .env.sample, abra.sh, "
          "README.md, and the tags if the directory is a git repository. Nothing is run, and no "
          "network is needed.\n\n"
          "R001 to R015 are the rules of abra recipe lint. C001 and the following rules are "
          "cc-ci's own: passwords in clear text, the engine's socket, privileged services, paths "
          "of the host, secrets without directives, variables without value, keys that a swarm "
          "does not have, routers that cannot be tested. A rule warns or fails. A rule that only "
          "the catalogue or the forge could answer is unverified.\n\n"
          "A recipe that cannot be read or resolved has errors instead of verdicts, with status 2.",
      .statuses = {{"1", "a rule failed"}},
      .example = "cc-ci lint ~/recipes/gitea",
      .run = &run_lint,
  };
  return command;
}

}  // namespace ccci::cli
