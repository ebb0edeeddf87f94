// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> activate_wording() {
  static constexpr std::array rows{
      Wording{
          .code = "activate.not-root",
          .message = "cc-ci {command}: changes this host or reads its services, so it needs root",
          .hint = "sudo cc-ci {command}"},
      Wording{.code = "activate.no-systemd",
              .message = "expected systemd as process 1 of this host, found '{found}'",
              .hint = "run cc-ci on a host that was booted with systemd"},
      Wording{.code = "activate.busy",
              .message = "another cc-ci process is changing this host: {path} is locked",
              .hint = "wait until it has ended, then try again"},
      Wording{.code = "activate.which-host",
              .exit = Exit::usage,
              .message = "{file}: no host is declared with the name of this machine, '{machine}'",
              .hint = "cc-ci {command} HOST",
              .notes = {"declared hosts: {hosts}"}},
      Wording{.code = "activate.no-generation",
              .exit = Exit::usage,
              .message = "generation {number}: does not exist",
              .hint = "cc-ci generations"},
      Wording{.code = "activate.nothing",
              .exit = Exit::usage,
              .message = "no generation is active on this host, so there is none to go back from",
              .hint = "cc-ci switch"},
      Wording{.code = "activate.current",
              .message = "{path}: expected a link to an existing generation, found '{target}'",
              .hint = "cc-ci switch, or cc-ci rollback N (cc-ci generations lists the numbers)"},
      Wording{.code = "activate.record",
              .message = "{path}: cannot be read: {problem}",
              .hint = "cc-ci switch"},
      Wording{.code = "activate.system",
              .message = "system {system}: cannot be used: {problem}",
              .hint = "cc-ci build"},
      Wording{.code = "activate.damaged",
              .message = "{object}: file '{path}' differs from the built one; nothing was changed",
              .hint = "cc-ci store repair"},
      Wording{.code = "activate.gone",
              .message = "generation {number}: its system {path} does not exist any more",
              .hint = "cc-ci generations"},
      Wording{.code = "activate.altered",
              .message = "generation {number}: files below {path} were changed by hand",
              .hint = "cc-ci generations"},
      Wording{
          .code = "activate.foreign",
          .message =
              "{path}: exists, but cc-ci did not create it; it was kept, and nothing was changed",
          .hint = "mv {path} {path}.before-cc-ci"},
      Wording{
          .code = "activate.user",
          .message = "{unit}: expected user '{user}' on this host, found none; nothing was changed",
          .hint = "useradd --system {user}"},
      Wording{.code = "activate.directory",
              .message = "{unit}: expected directory '{directory}' on this host, found none; "
                         "nothing was changed",
              .hint = "mkdir -p {word}"},
      Wording{.code = "activate.systemctl",
              .message = "{call}: expected success, found {found}",
              .notes = {"units: {units}", "{output}"}},
      Wording{.code = "activate.unhealthy",
              .exit = Exit::verdict,
              .message = "{generation} is not healthy",
              .notes = {"{reasons}", "active again: {back}", "evidence: {evidence}"}},
      Wording{.code = "activate.interrupted",
              .message = "interrupted before the generation was active and healthy"},
      Wording{
          .code = "activate.unconfirmed",
          .exit = Exit::verdict,
          .message = "the host is healthy, but the switch was not confirmed before the deadline"},
      Wording{.code = "activate.in-use",
              .message = "{state}: processes still run in environments of this store",
              .hint = "end these processes, or leave out --store and --purge",
              .notes = {"{processes}"}},
      Wording{.code = "activate.undone",
              .message = "{what} could not be completed; active again: {back}"},
      Wording{.code = "activate.stranded",
              .message = "{generation} could not be restored either",
              .hint = "cc-ci rollback {number}",
              .other_hint = "cc-ci uninstall"},
  };
  return rows;
}

}  // namespace ccci::report
