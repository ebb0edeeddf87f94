// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the memory of a traced process. The process controls this memory, so every byte can have
// any value, and every length is limited.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace ccci::learn {

// A terminated string of at most 4096 bytes; empty if it cannot be read or is longer.
std::string read_text(pid_t process, std::uint64_t address);

struct Words {
  std::string first;  // argv[0]
  std::string line;   // all words, quoted as in a shell; cut if too long
};
Words read_words(pid_t process, std::uint64_t address);

// The absolute path, from the view of the process, without "." and "..". Links are not resolved.
// `directory` is AT_FDCWD or a descriptor of the process. Empty if it cannot be determined.
std::string resolve(pid_t process, int directory, const std::string& path);

// The program of a process, from /proc; empty if the process has ended.
std::string program_of(pid_t process);
// The parent process; 0 if unknown.
pid_t parent_of(pid_t process);

}  // namespace ccci::learn
