// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> learn_wording() {
  static constexpr std::array rows{
      Wording{.code = "learn.start", .message = "'{command}': cannot be executed: {cause}"},
      Wording{.code = "learn.trace",
              .message = "the command cannot be followed: ptrace: {cause}",
              .hint = "allow it: sysctl kernel.yama.ptrace_scope=1, or in a container "
                      "--cap-add=SYS_PTRACE"},
      Wording{.code = "learn.missing",
              .exit = Exit::verdict,
              .message = "'{name}': looked for in every directory of the environment's PATH, found "
                         "in none",
              .hint = "add '{package}' to the tools in {file}, then: cc-ci lock && cc-ci build",
              .notes = {"first looked for by: {by}",
                        "package '{inside}' has it and is inside, but no tool puts it on PATH"},
              .other_hint = "find its package and add that to the tools in {file}"},
      Wording{.code = "learn.no-place",
              .exit = Exit::usage,
              .message = "{file}: found no place for the list '{list}'",
              .hint = "add the names by hand, as printed above",
              .notes = {"expected a list in brackets, or a line [runtime] to put it under"}},
      Wording{.code = "learn.edit",
              .message = "{file}: not changed: with the names put in, it would say something else "
                         "than before and those names",
              .hint = "add the names by hand, as printed above"},
  };
  return rows;
}

}  // namespace ccci::report
