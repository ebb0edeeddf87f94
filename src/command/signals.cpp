// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/signals.hpp"

#include <csignal>

namespace ccci::command {

namespace {

using Handler = void (*)(int);

Handler& found_at_start() {
  static Handler handler = SIG_DFL;
  return handler;
}

}  // namespace

void ignore_broken_pipe() { found_at_start() = std::signal(SIGPIPE, SIG_IGN); }

void restore_broken_pipe() { std::signal(SIGPIPE, found_at_start()); }

void end_by_broken_pipe() {
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
}

}  // namespace ccci::command
