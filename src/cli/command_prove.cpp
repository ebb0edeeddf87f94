// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "project/project.hpp"
#include "prove/gather.hpp"

namespace ccci::cli {

namespace {

std::vector<std::string_view> names() {
  return {prove::proof_names().begin(), prove::proof_names().end()};
}

void print_whole(Invocation& invocation, const prove::Proof& proof) {
  invocation.out().line(proof.name + ": " + std::string(prove::name(proof.verdict)) + ": " +
                        base::printable(proof.evidence));
  for (const std::string& detail : proof.details) {
    invocation.out().line("  " + base::printable(detail));
  }
}

void print_table(Invocation& invocation, const std::vector<prove::Proof>& proofs) {
  report::Table table(
      {{.heading = "proof"}, {.heading = "verdict"}, {.heading = "evidence", .elastic = true}});
  for (const prove::Proof& proof : proofs) {
    table.row({proof.name, std::string(prove::name(proof.verdict)), proof.evidence});
  }
  invocation.print(table);
}

void print_json(Invocation& invocation, const std::vector<prove::Proof>& proofs) {
  base::Json json{{"schema", 1},
                  {"verdict", prove::name(prove::verdict(proofs))},
                  {"proofs", base::Json::array()}};
  for (const prove::Proof& proof : proofs) json["proofs"].push_back(prove::to_json(proof));
  invocation.print(json);
}

base::Result<int> run_prove(Invocation& invocation) {
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  prove::Request request;
  request.since = invocation.value("since").value_or("HEAD");
  request.no_build = invocation.has("no-build");
  CCCI_TRY(const std::vector<prove::Proof> proofs,
           prove::prove_all(project, invocation.context(), request));
  invocation.end_progress();
  const std::optional<std::string> explained = invocation.value("explain");
  const prove::Proof* one = nullptr;
  if (explained) {
    CCCI_TRY(one, prove::find(proofs, *explained));
  }
  if (invocation.json()) {
    print_json(invocation, proofs);
  } else if (one != nullptr) {
    print_whole(invocation, *one);
  } else {
    print_table(invocation, proofs);
  }
  return prove::verdict(proofs) == prove::Verdict::pass ? 0 : 1;
}

}  // namespace

const Command& prove_command() {
  static const Command command{
      .name = "prove",
      .section = "Look",
      .purpose = "check that the declaration's promises are true",
      .options = {{.name = "explain",
                   .value = "PROOF",
                   .help = "show one proof in full: what fails, what is missing, what was found",
                   .completes = Completion::choices,
                   .choices = names()},
                  {.name = "since",
                   .value = "REVISION",
                   .help = "compare with the lock of this git revision"},
                  {.name = "no-build",
                   .help = "build nothing; proofs that need a build are unproven"},
                  json_option()},
      .prose =
          "Builds what is missing. Then it checks the store, the repository and the environment "
          "from inside. Prints one line for each proof: builds, single-source, superset, parity, "
          "divergence, propagation, closed, appeared. A proof that could not run is unproven and "
          "names the reason. It writes only what cc-ci build writes.\n\n"
          "single-source reads Nix files, Dockerfiles, shell scripts, CI workflows, Ansible tasks, "
          "units and version files of the whole git repository. [prove.ignore] allows a second "
          "list in a path, [waivers] allows a missing name of a baseline; both need a reason.",
      .statuses = {{"1", "a proof failed or is unproven"}},
      .example = "cc-ci prove --explain superset",
      .run = &run_prove,
  };
  return command;
}

}  // namespace ccci::cli
