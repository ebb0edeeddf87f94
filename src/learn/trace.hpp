// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a command and records what it and its child processes execute, open and look up.
//
// Uses ptrace with a seccomp filter that stops only at the observed calls. Works without root.
// Rejected: seccomp notification (the supervisor reads paths that the caller may change before the
// kernel does, and every call waits for it), fanotify (root only, and it sees no failed lookup),
// LD_PRELOAD (static programs and scripts' interpreters escape it).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "learn/observation.hpp"

namespace ccci::learn {

// Whose rights the command has. Setting them needs root.
struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

struct Run {
  std::vector<std::string> words;             // the command; searched in PATH like execvp
  std::vector<std::string> path_directories;  // lookups in these are recorded
  std::optional<Identity> identity = {};      // unset: the caller's
  std::optional<std::vector<std::string>> environment = {};  // NAME=value; unset: the caller's own
  std::string directory = {};                                // empty: the caller's own
  bool output_to_stderr = false;    // the command's stdout goes where its stderr goes
  void (*before_exec)() = nullptr;  // in the child; async-signal-safe
  // Called once if the command has ended but some of its processes still run.
  void (*left_behind)(std::size_t processes) = nullptr;
};

// Returns when the last process of the tree has ended. Interrupts from the terminal reach the
// command, not this process. Other signals that ask to end are passed on to the command. If the
// command itself has ended, such a signal kills its remaining processes.
// [learn.start] if the command cannot be executed, [learn.trace] if the kernel refuses tracing.
base::Result<Trace> trace(const Run& run);

}  // namespace ccci::learn
