// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/commands.hpp"
#include "cli/gate_service.hpp"
#include "command/invocation.hpp"

namespace ccci::cli {

namespace {

base::Result<int> run_claim(Invocation& invocation) {
  const std::string& gate = invocation.operands().front();
  CCCI_TRY(gate::Service service, open_gate(invocation));
  CCCI_TRY(const gate::PrivateKey key, chosen_key(invocation));
  CCCI_TRY(const gate::Entry entry,
           service.claim(gate, key, wall_clock(), invocation.value("remote").value_or("")));
  const std::string commit = entry.record.payload["commit"].text_or_empty();
  if (invocation.json()) {
    base::Json json{{"schema", 1}, {"record", entry.record.seq}, {"digest", entry.digest.hex()}};
    json["claim"] = entry.record.payload;
    invocation.print(json);
    return 0;
  }
  invocation.out().line("claimed " + gate + " at " + commit.substr(0, 12) + ", record " +
                        std::to_string(entry.record.seq));
  invocation.out().line("next: git add gates && git commit && git push; another key verifies");
  return 0;
}

}  // namespace

const Command& gate_claim_command() {
  static const Command command{
      .name = "gate claim",
      .section = "Gate",
      .purpose = "claim that a gate's checks hold at the checked-out commit",
      .operands = {{.name = "GATE"}},
      .options = {key_option(), remote_option(), json_option()},
      .prose =
          "Runs no checks. Refuses a work tree that is not clean, a commit that the remote does "
          "not have, a gate whose predecessor has not passed, and a key that may not claim. The "
          "record contains the commit, the tree and the texts WHAT, WHERE, HOW and EXPECTED.",
      .example = "cc-ci gate claim M1",
      .run = &run_claim,
  };
  return command;
}

}  // namespace ccci::cli
