// SPDX-License-Identifier: GPL-3.0-or-later
// Runs one check's command and stops everything that it started. A supervisor process of our own is
// the reaper of all descendants (PR_SET_CHILD_SUBREAPER). So a process that forked twice and left
// its session becomes a child of the supervisor, which kills it. The supervisor does the same if we
// die. It cannot stop what another service starts on request (a container, a systemd unit).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "base/result.hpp"

namespace ccci::gate {

struct Stream {
  std::string kept;         // the first bytes, up to the job's limit
  std::uint64_t total = 0;  // the number of all bytes

  bool truncated() const { return total > kept.size(); }
  base::Digest digest() const { return base::sha256(kept); }
};

struct Job {
  std::vector<std::string> argv;         // argv[0] without a slash: searched in the PATH below
  std::vector<std::string> environment;  // NAME=value, the whole environment
  std::string directory;
  std::chrono::milliseconds time_limit = std::chrono::minutes(10);
  std::uint64_t keep = 1U << 20U;  // bytes of each stream
  int mounts = -1;                 // a mount namespace to run in; -1: ours
};

struct Observation {
  std::string cause;  // not empty: why there is no exit status
  int status = 0;     // exit status, or 128 + signal
  bool timed_out = false;
  std::uint64_t left_running = 0;  // processes still running at its end, killed
  bool escaped = false;            // some could not be killed in time
  std::chrono::milliseconds took{};
  Stream out;
  Stream err;
};

// [gate.supervise] if no process could be made. A command that cannot be started is an observation,
// not an error.
base::Result<Observation> observe(const Job& job);

}  // namespace ccci::gate
