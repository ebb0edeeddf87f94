// SPDX-License-Identifier: GPL-3.0-or-later
// What starting a process by hand needs, where a ProcessRunner is not enough: who follows a
// command, or stands between us and it, forks itself.
#pragma once

#include <string>
#include <vector>

#include "base/fd.hpp"

namespace ccci::base {

// Both ends closed on exec. Without descriptors neither is one, and errno says why.
struct Pipe {
  Fd read;
  Fd write;

  explicit operator bool() const { return static_cast<bool>(read); }
};
Pipe make_pipe();

// For execve: it does not change what it is given. The strings must outlive the list.
std::vector<char*> exec_words(const std::vector<std::string>& words);

// Of a wait status: the exit status, or 128 + signal.
int exit_status(int wait_status);

}  // namespace ccci::base
