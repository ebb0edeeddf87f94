// SPDX-License-Identifier: GPL-3.0-or-later
// Runs programs of a root that are not trusted, sealed off: in user, mount, process, network and
// other namespaces of their own, with an overlay of the root as "/". They see nothing of the host,
// have no network (unless asked for) and no rights outside, and their clock stands still if the
// caller preloads script_library(). What they write is in `upper`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::seal {

struct SealedRun {
  // A directory with the empty directories upper/, work/ and mnt/, on the file system of the root.
  int directory = -1;
  std::string path;  // of the same directory
  // The root, relative to it, without ','. Several directories, the first on top, have ':' between.
  std::string lower = "lower";
  // A root without /proc, /dev, /run and /tmp, for a program that needs none of them.
  bool bare = false;
  std::vector<std::vector<std::string>>
      commands;                        // run in this order, each whatever the others did
  std::vector<std::string> variables;  // NAME=value
  std::chrono::seconds time_limit{600};
  // If it is not 0, `time_limit` counts only the time in which every program waits for something
  // other than a processor or a disk, so that a slow machine gives the same result. This is the
  // limit of all time then.
  std::chrono::seconds busy_limit{0};
  // For a resolver, which asks an index: the host's network, and limits for what a hostile index
  // may make it use (0: none).
  bool network = false;
  bool in_memory = false;          // what it writes, if that is possible
  std::uint64_t memory_limit = 0;  // bytes of address space
  std::uint64_t file_limit = 0;    // bytes of one file
};

struct SealedOutcome {
  std::string output;  // of all commands, stdout and stderr together; the last 256 KiB
  bool timed_out = false;
  bool was_busy = false;  // it was killed at `busy_limit`; a faster machine might have ended it
  // What the programs wrote. It is upper/ itself, or a directory in memory if the file system of
  // the run's directory cannot hold it (a container whose own root is an overlay). Then no hard
  // link to its files can be made.
  base::Fd upper;
};

// [seal.denied] if the kernel refuses a namespace or a mount; `step` names it.
base::Result<SealedOutcome> run_sealed(const SealedRun& run);

// A shared library without dependencies for LD_PRELOAD. Its clock always shows the seconds since
// 1970 in the variable CC_CI_CLOCK, its fsync() returns at once, and directories are read in the
// order of their names.
std::string script_library();
inline constexpr const char* script_library_path = "usr/lib/cc-ci/script.so";

}  // namespace ccci::seal
