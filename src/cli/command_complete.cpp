// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/complete_names.hpp"
#include "command/complete.hpp"
#include "command/invocation.hpp"

namespace ccci::cli {

namespace {

// Prints one candidate per line, with a tab before its meaning. A first line with a colon asks the
// shell to complete files, directories or programs itself.
base::Result<int> run_complete(Invocation& invocation) {
  const command::Candidates found = complete(invocation.operands(), commands(), names_on_disk);
  if (found.by_shell == Completion::file) invocation.out().line(":files");
  if (found.by_shell == Completion::directory) invocation.out().line(":directories");
  if (found.by_shell == Completion::program) invocation.out().line(":programs");
  for (const command::Candidate& candidate : found.words) {
    invocation.out().write(report::Document(base::printable(candidate.word) + "\t" +
                                            base::printable(candidate.meaning) + "\n"));
  }
  return 0;
}

}  // namespace

const Command& complete_command() {
  static const Command command{
      .name = "__complete",
      .section = "Help",
      .purpose = "list the possible next words of a command line",
      .operands = {{.name = "WORD", .optional = true, .repeatable = true}},
      .passes_rest = true,
      .prose =
          "The completion scripts use it. WORD: the words after cc-ci, up to the word at the "
          "cursor.",
      .example = "cc-ci __complete -- build ''",
      .run = &run_complete,
      .hidden = true,
  };
  return command;
}

}  // namespace ccci::cli
