// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> cli_wording() {
  static constexpr std::array rows{
      Wording{.code = "cli.unknown-command",
              .exit = Exit::usage,
              .message = "unknown command '{name}'",
              .hint = "did you mean 'cc-ci {likely}'?",
              .other_hint = "cc-ci --help"},
      Wording{.code = "cli.incomplete-command",
              .exit = Exit::usage,
              .message = "'{name}' alone is no command: expected {choices} after it",
              .hint = "cc-ci {name} --help"},
      Wording{.code = "cli.unknown-option",
              .exit = Exit::usage,
              .message = "unknown option '{option}'",
              .hint = "did you mean '{likely}'?",
              .other_hint = "{command} --help"},
      Wording{.code = "cli.missing-value",
              .exit = Exit::usage,
              .message = "option '{option}' needs a value: {value}",
              .hint = "{command} --help"},
      Wording{.code = "cli.unexpected-value",
              .exit = Exit::usage,
              .message = "option '{option}' takes no value",
              .hint = "{command} --help"},
      Wording{.code = "cli.choice",
              .exit = Exit::usage,
              .message = "{what}: expected one of {choices}, got '{value}'",
              .hint = "did you mean '{likely}'?",
              .other_hint = "{command} --help"},
      Wording{.code = "cli.number",
              .exit = Exit::usage,
              .message = "{what}: expected a number from 0 to {most}, got '{value}'",
              .hint = "{command} --help"},
      Wording{.code = "cli.missing-operand",
              .exit = Exit::usage,
              .message = "{command}: {operand} is missing",
              .hint = "{command} --help"},
      Wording{.code = "cli.extra-operand",
              .exit = Exit::usage,
              .message = "{command}: unexpected operand '{operand}'",
              .hint = "{command} --help"},
      Wording{.code = "cli.no-home",
              .exit = Exit::usage,
              .message = "nothing says where the state is: CC_CI_STATE, XDG_STATE_HOME and HOME "
                         "are all unset",
              .hint = "cc-ci --state DIR"},
      Wording{.code = "cli.directory",
              .exit = Exit::usage,
              .message = "{path}: cannot work there: {cause}",
              .hint = "cc-ci -C DIR with a directory that exists"},
  };
  return rows;
}

}  // namespace ccci::report
