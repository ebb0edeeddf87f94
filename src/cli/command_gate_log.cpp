// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/gate_service.hpp"
#include "command/invocation.hpp"
#include "report/error_text.hpp"
#include "report/table.hpp"

namespace ccci::cli {

namespace {

std::string said(const gate::Record& record) {
  const base::Json& payload = record.payload;
  switch (record.type) {
    case gate::Type::claim:
      return "commit " + payload["commit"].text_or_empty().substr(0, 12);
    case gate::Type::verdict:
      return payload["verdict"].text_or_empty();
    case gate::Type::veto:
    case gate::Type::withdrawal:
      break;
  }
  return payload["reason"].text_or_empty();
}

void print_entries(Invocation& invocation, const gate::Audit& audit, const gate::Trust& trust) {
  report::Table table({{.heading = "record", .align = report::Table::Column::Align::right},
                       {.heading = "time"},
                       {.heading = "gate"},
                       {.heading = "type"},
                       {.heading = "party"},
                       {.heading = "what", .elastic = true}});
  for (const gate::Entry& entry : audit.entries) {
    table.row({std::to_string(entry.record.seq), gate::format_time(entry.record.time),
               entry.record.payload["gate"].text_or_empty(),
               std::string(gate::type_name(entry.record.type)), trust.name(entry.record.key),
               said(entry.record)});
  }
  invocation.print(table);
}

base::Result<int> run_log(Invocation& invocation) {
  CCCI_TRY(gate::Service service, open_gate(invocation));
  CCCI_TRY(gate::Audit audit, service.log());
  if (invocation.json()) {
    base::Json json{{"schema", 1},
                    {"holds", audit.holds()},
                    {"against_checkpoint", audit.against_checkpoint},
                    {"records", base::Json::array()},
                    {"findings", base::Json::array()}};
    for (const gate::Entry& entry : audit.entries) {
      json["records"].push_back(base::Json::parse(entry.record.line()).value());
    }
    for (const base::Error& finding : audit.findings) {
      json["findings"].push_back(report::to_json(finding));
    }
    invocation.print(json);
    return audit.holds() ? 0 : 1;
  }
  print_entries(invocation, audit, service.trust());
  if (!audit.holds()) return base::unexpected(base::together(std::move(audit.findings)));
  std::string summary =
      base::counted(audit.entries.size(), "record") + ", chain and signatures hold";
  summary += audit.against_checkpoint ? ", and the checkpoint of this machine agrees"
                                      : "; this machine has no checkpoint to compare with";
  invocation.out().line(summary);
  return 0;
}

base::Result<int> run_gate_repair(Invocation& invocation) {
  CCCI_TRY(gate::Service service, open_gate(invocation));
  CCCI_TRY(const gate::Repair repair, service.repair());
  if (repair.bytes == 0) {
    invocation.out().line("nothing to repair");
  } else {
    invocation.out().line("moved " + base::human_bytes(repair.bytes) +
                          " of an unfinished record to " + repair.kept.native());
  }
  return 0;
}

}  // namespace

const Command& gate_log_command() {
  static const Command command{
      .name = "gate log",
      .section = "Gate",
      .purpose = "print the ledger and verify every record",
      .options = {json_option()},
      .prose =
          "Checks each record: its form, its place, the chain to the record before it, and its "
          "signature. Compares the end with the last record that this machine has seen; "
          "$XDG_STATE_HOME/cc-ci/checkpoints keeps it. Each finding names its line.",
      .statuses = {{"1", "the ledger was changed, or its last record is incomplete"}},
      .example = "cc-ci gate log",
      .run = &run_log,
  };
  return command;
}

const Command& gate_repair_command() {
  static const Command command{
      .name = "gate repair",
      .section = "Gate",
      .purpose = "move an incomplete last record out of the ledger",
      .prose =
          "A crash can leave an incomplete last record. It is moved to a file next to the ledger. "
          "A complete record is never removed.",
      .example = "cc-ci gate repair",
      .run = &run_gate_repair,
  };
  return command;
}

}  // namespace ccci::cli
