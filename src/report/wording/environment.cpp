// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> environment_wording() {
  static constexpr std::array rows{
      Wording{.code = "environment.collision",
              .exit = Exit::operation,
              .message = "{path}: two packages own it: '{first}' and '{second}'",
              .hint = "remove the tool that brings one of them (cc-ci why {package})",
              .notes = {"neither package declares that it replaces the other"}},
      Wording{.code = "environment.no-commands",
              .exit = Exit::usage,
              .message = "tool '{tool}': package '{package}' has no commands",
              .hint = "declare the package that has them, or set commands = [] if you want none",
              .notes = {"these of its dependencies have commands: {candidates}"}},
      Wording{.code = "environment.no-such-command",
              .exit = Exit::usage,
              .message = "tool '{tool}': package '{package}' has no command '{command}'",
              .hint = "did you mean '{likely}'?",
              .notes = {"looked for {path}"}},
      Wording{.code = "environment.certificate",
              .exit = Exit::operation,
              .message = "{path}: expected a certificate in PEM form, found something else"},
      Wording{.code = "environment.compose",
              .exit = Exit::operation,
              .message = "{path}: cannot be created in the environment: {cause}"},
      Wording{.code = "environment.finishing",
              .exit = Exit::operation,
              .message = "{step}: its program ended with status {status}",
              .notes = {"{output}"}},
      Wording{.code = "environment.record",
              .exit = Exit::operation,
              .message = "environment {object}: its record is damaged",
              .hint = "cc-ci store repair"},
  };
  return rows;
}

}  // namespace ccci::report
