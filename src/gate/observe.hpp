// SPDX-License-Identifier: GPL-3.0-or-later
// Runs one check's command under watch. Whatever it starts ends with it: a supervisor process of
// our own is the reaper of all its descendants (PR_SET_CHILD_SUBREAPER), so that one which forked
// twice and left its session still falls back to it, to be killed. The supervisor does the same
// when we die. Not reached: what another service starts on request (a container, a systemd unit).
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
  std::uint64_t total = 0;  // how many there were

  bool truncated() const { return total > kept.size(); }
  base::Digest digest() const { return base::sha256(kept); }
};

struct Job {
  std::vector<std::string> argv;         // argv[0] without a slash: searched in the PATH below
  std::vector<std::string> environment;  // NAME=value, all of it
  std::string directory;
  std::chrono::milliseconds time_limit = std::chrono::minutes(10);
  std::uint64_t keep = 1U << 20U;  // bytes of each stream
  int mounts = -1;                 // a mount namespace to run in; -1: ours
};

struct Observation {
  std::string cause;  // not empty: there is no exit status, and why
  int status = 0;     // exit status, or 128 + signal
  bool timed_out = false;
  std::uint64_t left_running = 0;  // processes it left behind at its end, killed
  bool escaped = false;            // some could not be killed in time
  std::chrono::milliseconds took{};
  Stream out;
  Stream err;
};

// [gate.supervise] where no process could be made; a command that cannot be started is an
// observation.
base::Result<Observation> observe(const Job& job);

}  // namespace ccci::gate
