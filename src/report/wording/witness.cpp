// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> witness_wording() {
  static constexpr std::array rows{
      Wording{.code = "witness.answer",
              .message = "the job's answer '{file}' is not what the probe writes",
              .hint = "look at what else the job runs, then again: cc-ci witness",
              .notes = {"it has: {record}"}},
      Wording{
          .code = "witness.exec",
          .message = "the service has {count} commands that the probe could stand before, "
                     "expected one",
          .hint = "give it one ExecStart= without '@', or see what overrides it: systemctl cat"},
      Wording{.code = "witness.no-test",
              .exit = Exit::usage,
              .message = "the declaration names no test to run through every path",
              .hint = "add [witness] exec = [\"ENTRYPOINT\", \"ARG\", …] to {file}"},
      Wording{.code = "witness.not-active",
              .exit = Exit::verdict,
              .message = "no system is active on this host",
              .hint = "cc-ci switch {host}"},
      Wording{.code = "witness.stale",
              .exit = Exit::verdict,
              .message =
                  "generation {generation} of host '{host}' is not what the declaration says "
                  "now",
              .hint = "cc-ci switch {host}",
              .notes = {"active: {active}", "declared: {declared}"}},
      Wording{.code = "witness.unknown-path",
              .exit = Exit::usage,
              .message = "there is no path named '{name}'",
              .hint = "did you mean '{likely}'?",
              .notes = {"the paths: {known}"}},
      Wording{.code = "witness.not-root",
              .exit = Exit::usage,
              .message = "only root can make timers fire and look into runners",
              .hint = "sudo cc-ci witness"},
  };
  return rows;
}

}  // namespace ccci::report
