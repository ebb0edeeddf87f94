// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> learn_wording() {
  static constexpr std::array rows{
      Row{.code = "learn.start", .message = "'{command}': cannot be executed: {cause}"},
      Row{.code = "learn.what",
          .exit = Exit::usage,
          .message = "expected either a command or --unit, found {found}",
          .hint = "cc-ci learn -- COMMAND, or: cc-ci learn --unit NAME"},
      Row{.code = "learn.not-root",
          .message = "--unit: expected root, found user {user}",
          .hint = "sudo cc-ci learn --unit {unit}"},
      Row{.code = "learn.trace",
          .message = "the command cannot be traced: ptrace: {cause}",
          .hint = "allow it: sysctl kernel.yama.ptrace_scope=1, or in a container "
                  "--cap-add=SYS_PTRACE"},
      Row{.code = "learn.missing",
          .exit = Exit::verdict,
          .message =
              "'{name}': searched for in every directory of the environment's PATH, not found",
          .hint = "add '{package}' to the tools in {file}, then: cc-ci lock && cc-ci build",
          .notes =
              {"first searched for by: {by}",
               "package '{inside}' of the environment contains it, but no tool puts it on PATH"},
          .other_hint = "find its package and add that to the tools in {file}"},
      Row{.code = "learn.no-place",
          .exit = Exit::usage,
          .message = "{file}: cannot tell where to add the list '{list}'",
          .hint = "add the names by hand, as printed above",
          .notes = {"expected a list in brackets, or a line [runtime] to put it under"}},
      Row{.code = "learn.edit",
          .message = "{file}: not changed: adding the names would change other parts of it too",
          .hint = "add the names by hand, as printed above"},
  };
  return rows;
}

}  // namespace ccci::wording
