// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/gate_service.hpp"
#include "command/invocation.hpp"
#include "report/table.hpp"

namespace ccci::cli {

namespace {

void print_status(Invocation& invocation, const gate::Status& status) {
  report::Table table({{.heading = "phase"},
                       {.heading = "gate"},
                       {.heading = "state"},
                       {.heading = "claim"},
                       {.heading = "red", .align = report::Table::Column::Align::right},
                       {.heading = "why", .elastic = true}});
  for (const gate::GateStatus& gate : status.gates) {
    table.row({status.phase->name, gate.gate->name, std::string(gate::state_name(gate.state)),
               gate.claim ? gate.claim->text.substr(0, 12) : "",
               std::to_string(gate.backlog.size()) + "/" + std::to_string(gate.gate->checks.size()),
               gate.reason});
  }
  invocation.print(table);
  for (const gate::GateStatus& gate : status.gates) {
    for (const gate::Statement& other : gate.ignored) {
      invocation.out().line("gate " + gate.gate->name + ": record " + std::to_string(other.seq) +
                            " by " + other.party + " does not count: " + other.text);
    }
  }
}

base::Result<int> run_gate_status(Invocation& invocation) {
  CCCI_TRY(gate::Service service, open_gate(invocation));
  const std::string wanted = invocation.operands().empty() ? "" : invocation.operands().front();
  if (!wanted.empty()) CCCI_CHECK(service.phase_of(wanted));
  CCCI_TRY(const std::vector<gate::Status> all, service.status(wall_clock()));
  bool good = true;
  base::Json json{{"schema", 1}, {"phases", base::Json::array()}};
  for (const gate::Status& status : all) {
    const gate::GateStatus* gate = wanted.empty() ? nullptr : status.find(wanted);
    if (!wanted.empty() && gate == nullptr) continue;
    good = good && (gate == nullptr ? status.done() : gate->state == gate::State::passed);
    if (invocation.json()) {
      json["phases"].push_back(gate::to_json(status));
    } else if (invocation.has("markdown")) {
      invocation.out().write(report::Document(base::printable_lines(gate::markdown(status))));
    } else {
      print_status(invocation, status);
    }
  }
  if (invocation.json()) invocation.print(json);
  return good ? 0 : 1;
}

}  // namespace

const Command& gate_status_command() {
  static const Command command{
      .name = "gate status",
      .section = "Gate",
      .purpose = "show which gates have passed, and why the others have not",
      .operands = {{.name = "GATE", .optional = true}},
      .options = {{.name = "markdown", .help = "write the status page"}, json_option()},
      .prose =
          "A gate has passed if all of this is true: the gate before it has passed; its last claim "
          "has a PASS by a key that never claimed it; the PASS is not older than the phase's "
          "fresh_for (default: 24h); the claim has no FAIL; there is no veto. With GATE, the exit "
          "status is for this gate, otherwise for all gates.",
      .statuses = {{"0", "passed"}, {"1", "not passed"}},
      .example = "cc-ci gate status --markdown > gates/STATUS.md",
      .run = &run_gate_status,
  };
  return command;
}

}  // namespace ccci::cli
