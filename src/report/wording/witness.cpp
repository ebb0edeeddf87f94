// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> witness_wording() {
  static constexpr std::array rows{
      Wording{.code = "witness.answer",
              .message = "the job's answer '{file}' is not an answer of the probe",
              .hint = "check what else the job runs, then: cc-ci witness",
              .notes = {"it has: {record}"}},
      Wording{
          .code = "witness.exec",
          .message =
              "expected one command that the probe can replace in the service, found {count}",
          .hint =
              "give the service one ExecStart= without '@'; systemctl cat shows what overrides it"},
      Wording{.code = "witness.no-test",
              .exit = Exit::usage,
              .message = "the declaration has no witness test",
              .hint = "add [witness] exec = [\"ENTRYPOINT\", \"ARG\", …] to {file}"},
      Wording{.code = "witness.not-active",
              .exit = Exit::verdict,
              .message = "no system is active on this host",
              .hint = "cc-ci switch {host}"},
      Wording{.code = "witness.stale",
              .exit = Exit::verdict,
              .message = "generation {generation} of host '{host}' differs from the declaration",
              .hint = "cc-ci switch {host}",
              .notes = {"active: {active}", "declared: {declared}"}},
      Wording{.code = "witness.unknown-path",
              .exit = Exit::usage,
              .message = "there is no path named '{name}'",
              .hint = "did you mean '{likely}'?",
              .notes = {"the paths: {known}"}},
      Wording{.code = "witness.not-root",
              .exit = Exit::usage,
              .message = "cc-ci witness: starts timers' services and reads runners' processes, so "
                         "it needs root",
              .hint = "sudo cc-ci witness"},
  };
  return rows;
}

}  // namespace ccci::report
