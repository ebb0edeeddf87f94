// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/exit_guard.hpp"

#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace ccci::command {

namespace {

// Never destroyed: handlers of exit() run after the destructors of static variables that were made
// later.
struct Guarded {
  std::function<int()> tell;
  pid_t process = 0;
};

Guarded& guarded_by() {
  static auto* const guarded = new Guarded;
  return *guarded;
}

void at_exit() {
  Guarded& guarded = guarded_by();
  if (!guarded.tell || guarded.process != getpid()) return;
  const auto tell = std::exchange(guarded.tell, nullptr);
  _exit(tell());
}

}  // namespace

ExitGuard::ExitGuard(std::function<int()> tell) {
  static const bool registered = std::atexit(at_exit) == 0;
  if (registered) guarded_by() = {.tell = std::move(tell), .process = getpid()};
}

ExitGuard::~ExitGuard() { guarded_by().tell = nullptr; }

}  // namespace ccci::command
