// SPDX-License-Identifier: GPL-3.0-or-later
// What the keeper does inside of the namespaces. It runs in a clone of cc-ci without exec, so
// everything here makes only system calls and uses only memory that was prepared before: another
// thread may have held a lock of the allocator.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace ccci::engine {

enum class Step : unsigned char {
  none,
  owner,
  mounts,
  directory,
  proc,
  loopback,
  hostname,
  images,
  start,
  configuration,
  ready,  // the data can be prepared
  ended   // Report::number is the wait status of the engine
};

struct Report {
  Step step = Step::none;
  int number = 0;
};

inline constexpr char release_word = 'r';
inline constexpr char prepared_word = 'p';
inline constexpr int longest_preparation_ms = 60'000;

struct Bind {
  const char* source;
  std::string target;
  bool writable = false;
};

struct Prepared {
  const char* path = nullptr;  // of the directory
  dev_t device = 0;            // and what it was when it was opened
  ino_t inode = 0;
  std::vector<Bind> binds;
  const char* data_options = nullptr;  // of a tmpfs for the data; null: on disk
  int log = -1;
  int owner = -1;   // pidfd of the owner
  int socket = -1;  // to the owner
  std::vector<int> cgroups;
  std::vector<char*> argv;
  std::vector<char*> environment;
};

// What a step does, for people: "mounting /proc".
const char* describe(Step step);

// The first process of the namespaces. Ends with everything in them.
[[noreturn]] void keep(const Prepared& plan);

}  // namespace ccci::engine
