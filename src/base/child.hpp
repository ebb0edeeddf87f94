// SPDX-License-Identifier: GPL-3.0-or-later
// Helpers for code that forks a process itself, because ProcessRunner is not enough: it traces the
// process, or it supervises it.
#pragma once

#include <string>
#include <vector>

#include "base/fd.hpp"

namespace ccci::base {

// Both ends are close-on-exec. After a failure both are empty, and errno has the cause.
struct Pipe {
  Fd read;
  Fd write;

  explicit operator bool() const { return static_cast<bool>(read); }
};
Pipe make_pipe();

// The argument list for execve, which does not change the strings. They must outlive the list.
std::vector<char*> exec_words(const std::vector<std::string>& words);

// The exit status of a wait status, or 128 + signal.
int exit_status(int wait_status);

}  // namespace ccci::base
