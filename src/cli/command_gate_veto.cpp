// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/commands.hpp"
#include "cli/gate_service.hpp"
#include "command/invocation.hpp"

namespace ccci::cli {

namespace {

Option reason_option() {
  return {.name = "reason", .value = "TEXT", .help = "the reason; everybody can read it"};
}

base::Result<int> run_veto(Invocation& invocation) {
  const std::string& gate = invocation.operands().front();
  CCCI_TRY(gate::Service service, open_gate(invocation));
  CCCI_TRY(const gate::PrivateKey key, chosen_key(invocation));
  const std::string reason = invocation.value("reason").value_or("");
  const bool withdraw = invocation.has("withdraw");
  CCCI_TRY(const gate::Entry entry, withdraw ? service.withdraw(gate, key, wall_clock(), reason)
                                             : service.veto(gate, key, wall_clock(), reason));
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
      .purpose = "veto a gate, or withdraw the veto",
      .operands = {{.name = "GATE"}},
      .options = {reason_option(),
                  {.name = "withdraw", .help = "withdraw your own veto"},
                  key_option(),
                  json_option()},
      .prose =
          "A vetoed gate has not passed, and later claims do not change that, until the same key "
          "withdraws the veto. To overrule a veto, commit a gates/keys.toml that takes 'verify' "
          "from that key.",
      .example = "cc-ci gate veto M1 --reason 'the sweep leaks a stack'",
      .run = &run_veto,
  };
  return command;
}

}  // namespace ccci::cli
