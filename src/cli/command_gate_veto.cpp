// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/gate_desk.hpp"

namespace ccci::cli {

namespace {

Option reason_option() {
  return {.name = "reason", .value = "TEXT", .help = "why, for everybody to read"};
}

base::Result<int> run_veto(Invocation& invocation) {
  const std::string& gate = invocation.operands().front();
  CCCI_TRY(gate::Desk desk, open_desk());
  CCCI_TRY(const gate::PrivateKey key, chosen_key(invocation));
  const std::string reason = invocation.value("reason").value_or("");
  const bool withdraw = invocation.has("withdraw");
  CCCI_TRY(const gate::Entry entry, withdraw ? desk.withdraw(gate, key, wall_clock(), reason)
                                             : desk.veto(gate, key, wall_clock(), reason));
  if (invocation.json()) {
    invocation.print(
        base::Json{{"schema", 1}, {"record", entry.record.seq}, {"veto", entry.record.payload}});
  } else {
    invocation.out().line((withdraw ? "withdrew the veto on " : "vetoed ") + gate + ", record " +
                          std::to_string(entry.record.seq));
  }
  return 0;
}

}  // namespace

const Command& gate_veto_command() {
  static const Command command{
      .name = "gate veto",
      .section = "Gate",
      .purpose = "keep a gate shut, or let go of it again",
      .operands = {{.name = "GATE"}},
      .options = {reason_option(),
                  {.name = "withdraw", .help = "take your own veto back"},
                  key_option(),
                  json_option()},
      .prose =
          "A veto stands, over later claims too, until the key that gave it withdraws it. It is "
          "overruled in one way only: by a commit to gates/keys.toml that takes 'verify' from that "
          "key.",
      .example = "cc-ci gate veto M1 --reason 'the sweep leaks a stack'",
      .run = &run_veto,
  };
  return command;
}

}  // namespace ccci::cli
