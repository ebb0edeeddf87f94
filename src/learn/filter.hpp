// SPDX-License-Identifier: GPL-3.0-or-later
// The system calls that are looked at, and the seccomp filter that stops at these and no other: a
// command runs at its own speed between them.
#pragma once

#include <cstdint>

#include "learn/observation.hpp"

namespace ccci::learn {

// How a call names its file: which arguments hold the directory's descriptor and the path.
struct WatchedCall {
  long number = 0;
  Act act = Act::exec;
  int directory = -1;  // index of the argument; -1: relative to the working directory
  int path = 0;
  int words = -1;  // exec: the argument that holds argv
};

// nullptr where the call is not looked at.
const WatchedCall* watched_call(std::uint64_t number);

// Installs the filter for this process and all it starts. Without privilege that costs what the
// kernel asks for it: set-user-id programs gain nothing, as they would not under a tracer either.
// Returns 0 or an errno. Safe between fork and exec.
int install_filter();

}  // namespace ccci::learn
