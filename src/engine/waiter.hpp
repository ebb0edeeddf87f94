// SPDX-License-Identifier: GPL-3.0-or-later
// Waits until a stack has settled: every service converged and stable, or complete, or one failed.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/convergence.hpp"

namespace ccci::engine {

enum class Settling {
  good,         // converged and stable, one-shots complete
  failed,       // at least one service failed or was too slow
  interrupted,  // the caller wanted no more
};

struct Settled {
  Settling outcome = Settling::good;
  std::vector<ServiceStatus> services;
  // Services that were waited for to end, and still run.
  std::vector<std::string> endless;
  std::chrono::milliseconds time{0};

  // Those that failed.
  std::vector<ServiceStatus> failures() const;
};

// The window of a service that is to end: it is waited for until the deadline.
inline constexpr std::chrono::milliseconds until_it_ends = std::chrono::milliseconds::max();

struct Waiting {
  std::chrono::milliseconds deadline{300'000};
  std::chrono::milliseconds interval{100};  // between looks
  Patience patience;
  // How long a service must stay converged. `task` is its newest one that runs. Asked at each look.
  std::function<std::chrono::milliseconds(const Service& service, const Task& task)> window =
      [](const Service& service, const Task&) { return stable_window(service); };
  // Of a stack that has been well no task may end badly but these; empty: tasks may.
  std::function<bool(const Task&)> excused;
  // Called at each look with what it found.
  std::function<void(const Snapshot&)> looked = [](const Snapshot&) {};
  // Called at each look at which every service is as it should be and only has to stay so.
  std::function<void(const std::vector<ServiceStatus>&)> staying = [](const auto&) {};
  // Called when a status changed.
  std::function<void(const std::vector<ServiceStatus>&)> report = [](const auto&) {};
  std::function<bool()> interrupted = [] { return false; };
};

// Reasons in the result are complete: containers of failed tasks were inspected.
base::Result<Settled> await_stack(const Api& api, const std::string& stack,
                                  const Waiting& waiting = {});

}  // namespace ccci::engine
