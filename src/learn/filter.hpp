// SPDX-License-Identifier: GPL-3.0-or-later
// The system calls that are observed, and the seccomp filter that stops only at these calls.
// Between them a command runs at its normal speed.
#pragma once

#include <cstdint>

#include "learn/observation.hpp"

namespace ccci::learn {

// A system call, and which of its arguments are the directory's descriptor and the path.
struct WatchedCall {
  long number = 0;
  Act act = Act::exec;
  int directory = -1;  // index of the argument; -1: relative to the working directory
  int path = 0;
  int words = -1;  // exec: the argument that holds argv
};

// nullptr if the call is not observed.
const WatchedCall* watched_call(std::uint64_t number);

// Installs the filter for this process and its future children. Without root the kernel requires
// no_new_privs for that, so set-user-id programs get no more rights; a tracer has the same effect.
// Returns 0 or an errno. Safe between fork and exec.
int install_filter();

}  // namespace ccci::learn
