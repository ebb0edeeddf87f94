// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> witness_wording() {
  static constexpr std::array rows{
      Row{.code = "witness.answer",
          .message = "the job's answer '{file}' is not an answer of the probe",
          .hint = "check what else the job runs, then: cc-ci witness",
          .notes = {"it has: {record}"}},
      Row{.code = "witness.exec",
          .message =
              "expected one command that the probe can replace in the service, found {count}",
          .hint =
              "give the service one ExecStart= without '@'; systemctl cat shows what overrides it"},
      Row{.code = "witness.no-test",
          .exit = Exit::usage,
          .message = "the declaration has no witness test",
          .hint = "add [witness] exec = [\"ENTRYPOINT\", \"ARG\", …] to {file}"},
      Row{.code = "witness.not-active",
          .exit = Exit::verdict,
          .message = "no system is active on this host",
          .hint = "cc-ci switch {host}"},
      Row{.code = "witness.stale",
          .exit = Exit::verdict,
          .message = "generation {generation} of host '{host}' differs from the declaration",
          .hint = "cc-ci switch {host}",
          .notes = {"active: {active}", "declared: {declared}"}},
      Row{.code = "witness.unknown-path",
          .exit = Exit::usage,
          .message = "there is no path named '{name}'",
          .hint = "did you mean '{likely}'?",
          .notes = {"the paths: {known}"}},
      Row{.code = "witness.not-root",
          .exit = Exit::usage,
          .message = "cc-ci witness: starts timers' services and reads runners' processes, so "
                     "it needs root",
          .hint = "sudo cc-ci witness"},
  };
  return rows;
}

}  // namespace ccci::wording
