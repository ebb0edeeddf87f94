// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a command and follows what it and everything it starts executes, opens and looks up.
//
// ptrace with a seccomp filter that stops only at the calls of interest. Works without privilege.
// Rejected: seccomp notification (the supervisor reads paths that the caller may change before the
// kernel does, and every call waits for it), fanotify (root only, and it sees no failed lookup),
// LD_PRELOAD (static programs and scripts' interpreters escape it).
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "learn/observation.hpp"

namespace ccci::learn {

struct Run {
  std::vector<std::string> words;             // the command; looked up in PATH as execvp does
  std::vector<std::string> path_directories;  // lookups in these are noted
  bool output_to_stderr = false;              // the command's stdout goes where its stderr goes
  void (*before_exec)() = nullptr;            // in the child; async-signal-safe
  // Called once where the command has ended and processes that it left run on.
  void (*left_behind)(std::size_t processes) = nullptr;
};

// Returns when the last process of the tree has ended. Interrupts from the terminal reach the
// command, not this process; other signals that ask to end are passed on to the command. After the
// command itself has ended, such a signal ends what it left behind.
// [learn.start] where the command cannot be executed, [learn.trace] where tracing is refused.
base::Result<Trace> trace(const Run& run);

}  // namespace ccci::learn
