// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> activate_wording() {
  static constexpr std::array rows{
      Wording{.code = "activate.not-root",
              .message = "this changes the host: it must be run by root",
              .hint = "sudo cc-ci switch"},
      Wording{.code = "activate.no-systemd",
              .message = "systemd is not the init here: process 1 is '{found}'",
              .hint = "run this on a host that systemd has booted"},
      Wording{.code = "activate.busy",
              .message = "another cc-ci changes this host: {path} is locked",
              .hint = "try again when it has ended"},
      Wording{.code = "activate.which-host",
              .exit = Exit::usage,
              .message = "this machine is called '{machine}', and no host of {file} is",
              .hint = "cc-ci {command} HOST",
              .notes = {"declared: {hosts}"}},
      Wording{.code = "activate.no-generation",
              .exit = Exit::usage,
              .message = "generation {number}: there is none of that number",
              .hint = "cc-ci generations"},
      Wording{.code = "activate.nothing",
              .exit = Exit::usage,
              .message = "nothing is installed here that one could go back from",
              .hint = "cc-ci switch"},
      Wording{.code = "activate.current",
              .message = "{path}: expected a link to a generation that is there, found '{target}'",
              .hint = "cc-ci generations, then cc-ci rollback N"},
      Wording{.code = "activate.record", .message = "{path}: cannot be read: {problem}"},
      Wording{.code = "activate.system",
              .message = "system {system}: expected what cc-ci build makes, but {problem}",
              .hint = "cc-ci build"},
      Wording{.code = "activate.damaged",
              .message = "{object}: its file '{path}' is not what was built; nothing was changed",
              .hint = "cc-ci store repair"},
      Wording{.code = "activate.gone",
              .message = "generation {number}: its system is no longer at {path}",
              .hint = "cc-ci generations"},
      Wording{.code = "activate.foreign",
              .message = "{path}: something that cc-ci did not put there; it is left as it is, and "
                         "nothing was changed",
              .hint = "mv {path} {path}.before-cc-ci"},
      Wording{.code = "activate.systemctl",
              .message = "{call}: expected success, found {found}",
              .notes = {"units: {units}", "{output}"}},
      Wording{.code = "activate.unhealthy",
              .exit = Exit::verdict,
              .message = "{generation} is not healthy",
              .notes = {"{reasons}", "active again: {back}", "evidence: {evidence}"}},
      Wording{.code = "activate.interrupted", .message = "interrupted before its health was known"},
      Wording{.code = "activate.unconfirmed",
              .exit = Exit::verdict,
              .message = "healthy, but nobody confirmed in time that it can be reached"},
      Wording{.code = "activate.undone",
              .message = "{generation} could not be activated; active again: {back}"},
      Wording{.code = "activate.stranded",
              .message = "going back to {generation} did not work either",
              .hint = "cc-ci rollback {number}",
              .other_hint = "cc-ci uninstall"},
  };
  return rows;
}

}  // namespace ccci::report
