// SPDX-License-Identifier: GPL-3.0-or-later
// The launcher's failures: their codes, messages and exit statuses. A failure always ends the
// process, so here errors are not values.
#pragma once

#include <cstdint>

namespace ccci::enter {

enum class Failure : std::uint8_t {
  usage,
  setuid,
  entrypoint_open,
  entrypoint_damaged,
  entrypoint_newer,
  nothing_to_run,
  environment_missing,
  environment_unreadable,
  environment_marker,
  environment_incomplete,
  layout,
  directory,
  chroot,
  namespaces_chroot,
  namespaces_clone,
  namespaces_limit,
  namespaces_apparmor,
  namespaces_filter,
  namespaces_absent,
  namespaces_denied,
  namespaces_root,
  mount,
  variables,
  command_missing,
  command_file,
  command_interpreter,
  command_format,
  command_denied,
  command_failed,
  release,
};

inline constexpr int own_failure = 125;
inline constexpr int not_executable = 126;
inline constexpr int not_found = 127;

// For --probe: reports a failure as one JSON line on standard output instead of text on standard
// error.
void report_failures_as_json(const char* entrypoint);

// Prints the failure's message with {0}, {1} and {2} filled in, and ends the process.
[[noreturn]] void fail(Failure failure, const char* first = "", const char* second = "",
                       const char* third = "");

// The text of an errno, for example "no such file or directory". `error` may be negative or
// positive.
const char* reason(long error);

}  // namespace ccci::enter
