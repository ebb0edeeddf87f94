// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/gate_service.hpp"
#include "command/invocation.hpp"

namespace ccci::cli {

namespace {

base::Result<int> run_evidence(Invocation& invocation) {
  CCCI_TRY(gate::Service service, open_gate(invocation));
  CCCI_TRY(const std::string output,
           service.stored_output(invocation.operands()[0], invocation.operands()[1], wall_clock()));
  invocation.out().write(
      report::Document(invocation.style().terminal ? base::printable_lines(output) : output));
  return 0;
}

}  // namespace

const Command& gate_evidence_command() {
  static const Command command{
      .name = "gate evidence",
      .section = "Gate",
      .purpose = "print the kept output of a check of a passed gate",
      .operands = {{.name = "GATE"}, {.name = "CHECK"}},
      .prose =
          "Reads the output from gates/evidence and compares it with the digest that the gate's "
          "newest PASS signed. A later gate can compare its own output with it: `same_as = \"cc-ci "
          "gate evidence M1 one-entrypoint\"`.",
      .statuses = {{"1", "the gate has not passed, or the evidence differs from what was signed"}},
      .example = "cc-ci gate evidence M1 one-entrypoint",
      .run = &run_evidence,
  };
  return command;
}

}  // namespace ccci::cli
