// SPDX-License-Identifier: GPL-3.0-or-later
// The supervisor: the process between us and a check's command.
#pragma once

#include <cstdint>

namespace ccci::gate {

// A message of the supervisor, always a whole struct: the kernel never splits such a small write to
// a pipe.
struct Word {
  enum class Kind : std::int32_t { started, not_started, ended };
  Kind kind = Kind::started;
  std::int32_t number = 0;  // pid, errno, wait status
  std::uint64_t left_running = 0;
};

// Prepared before the fork, because after it only async-signal-safe calls are allowed.
struct Orders {
  const char* program = nullptr;
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const char* directory = nullptr;
  int mounts = -1;  // a mount namespace to enter; -1: none
  int in = -1;
  int out = -1;
  int err = -1;
  int control = -1;  // if readable or at its end: kill everything now
  int words = -1;
};

[[noreturn]] void supervise(const Orders& orders);

}  // namespace ccci::gate
