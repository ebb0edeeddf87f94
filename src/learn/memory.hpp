// SPDX-License-Identifier: GPL-3.0-or-later
// Reads what a traced process points at. It belongs to that process: any byte may be anything, and
// every length is bounded.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace ccci::learn {

// A terminated string of at most 4096 bytes; empty where it cannot be read or is longer.
std::string read_text(pid_t process, std::uint64_t address);

struct Words {
  std::string first;  // argv[0]
  std::string line;   // all of them, as a person would type them, cut where it gets long
};
Words read_words(pid_t process, std::uint64_t address);

// `path` as the process means it, absolute and without "." and ".."; links are left as they are.
// `directory` is AT_FDCWD or a descriptor of the process. Empty where that cannot be known.
std::string resolve(pid_t process, int directory, const std::string& path);

// The program that a process runs, from /proc; empty where it is gone.
std::string program_of(pid_t process);
// The process that started it, 0 where that is not known.
pid_t parent_of(pid_t process);

}  // namespace ccci::learn
