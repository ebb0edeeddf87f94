// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the test through one path and returns what its job saw.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "activate/systemd.hpp"
#include "base/process.hpp"
#include "base/progress.hpp"
#include "witness/request_queue.hpp"
#include "witness/verdict.hpp"

namespace ccci::witness {

// The tools to exercise a path. The references must outlive this object.
struct Bench {
  RequestQueue& queue;
  activate::Systemd& systemd;
  base::ProcessRunner& processes;
  std::filesystem::path runtime_units = "/run/systemd/system";
  std::chrono::seconds deadline{300};  // for one path
  std::chrono::seconds patience{10};   // how long to wait for a running job of a timer
  std::function<bool()> interrupted = [] { return false; };
};

// The caller fills `request` except name, expiry and owner. Always returns an Exercise; a failure
// is recorded in its `problem`.
Exercise exercise(Bench& bench, const Path& path, const Request& request);

// Exercises all paths, one after the other. Writes the message of each error into `problem`.
std::vector<Exercise> exercise_all(Bench& bench, const std::vector<Path>& paths,
                                   const Request& request, base::Progress& progress);

}  // namespace ccci::witness
