// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> environment_wording() {
  static constexpr std::array rows{
      Row{.code = "environment.collision",
          .exit = Exit::operation,
          .message = "{path}: two packages own it: '{first}' and '{second}'",
          .hint = "remove the tool that brings one of them (cc-ci why {package})",
          .notes = {"neither package declares that it replaces the other"}},
      Row{.code = "environment.reserved",
          .exit = Exit::operation,
          .message = "package '{package}': {path}: only cc-ci puts files into /usr/lib/cc-ci",
          .hint = "remove the tool that brings that package (cc-ci why {package})"},
      Row{.code = "environment.below-link",
          .exit = Exit::operation,
          .message = "{path}: cannot be made: {parent} is a link or a file of a package, and cc-ci "
                     "writes through no link",
          .hint = "remove the tool that brings that package (cc-ci why {package})"},
      Row{.code = "environment.missing-library",
          .exit = Exit::operation,
          .message = "{name}: {file} needs the library {library}, and the environment does not "
                     "have it",
          .hint = "add '{package}' to [runtime] packages: it is Debian's package of that name",
          .notes = {"by its name, Debian's package could be '{perhaps}'",
                    "if no job uses that file: [runtime] absent_libraries = [\"{library}\"]"},
          .other_hint = "add the package that has it to [runtime] packages"},
      Row{.code = "environment.no-commands",
          .exit = Exit::usage,
          .message = "tool '{tool}': package '{package}' has no commands",
          .hint = "add to [packages.{tool}]: commands.{tool} = \"{example}\"",
          .notes = {"these of its dependencies have commands: {candidates}",
                    "these files of the archive are programs: {programs}"},
          .other_hint = "if you want its files without commands, declare it under [runtime]: "
                        "packages = [\"{package}\"]"},
      Row{.code = "environment.no-such-command",
          .exit = Exit::usage,
          .message = "tool '{tool}': package '{package}' has no command '{command}'",
          .hint = "did you mean '{likely}'?",
          .notes = {"looked for {path}"}},
      Row{.code = "environment.certificate",
          .exit = Exit::operation,
          .message = "{path}: expected a certificate in PEM form, found something else"},
      Row{.code = "environment.no-certificate",
          .exit = Exit::usage,
          .message = "{path}: expected certificates in PEM form, found none",
          .hint = "openssl x509 -inform der -in FILE -out {path}, if the file has DER form"},
      Row{.code = "environment.broken-certificate",
          .exit = Exit::usage,
          .message = "{path}: certificate {number} of {count} is damaged: expected PEM form",
          .hint = "copy it again; to see what it holds: openssl storeutl -certs {path}"},
      Row{.code = "environment.compose",
          .exit = Exit::operation,
          .message = "{path}: cannot be created in the environment: {cause}"},
      Row{.code = "environment.finishing",
          .exit = Exit::operation,
          .message = "{step}: its program made no result",
          .notes = {"{output}"}},
      Row{.code = "environment.record",
          .exit = Exit::operation,
          .message = "environment {object}: its record is damaged",
          .hint = "cc-ci store repair"},
  };
  return rows;
}

}  // namespace ccci::wording
