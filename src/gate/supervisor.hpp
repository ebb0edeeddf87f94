// SPDX-License-Identifier: GPL-3.0-or-later
// The process between us and a check's command.
#pragma once

#include <cstdint>

namespace ccci::gate {

// What the supervisor tells, in whole structs: a write this small to a pipe is never split.
struct Word {
  enum class Kind : std::int32_t { started, not_started, ended };
  Kind kind = Kind::started;
  std::int32_t number = 0;  // pid, errno, wait status
  std::uint64_t left_running = 0;
};

// Made before the fork: after it only calls that are safe there are made.
struct Orders {
  const char* program = nullptr;
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const char* directory = nullptr;
  int mounts = -1;  // a mount namespace to enter; -1: none
  int in = -1;
  int out = -1;
  int err = -1;
  int control = -1;  // readable or at its end: kill everything now
  int words = -1;
};

[[noreturn]] void supervise(const Orders& orders);

}  // namespace ccci::gate
