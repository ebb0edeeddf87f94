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
  std::chrono::milliseconds time{0};

  // Those that failed.
  std::vector<ServiceStatus> failures() const;
};

struct Waiting {
  std::chrono::milliseconds deadline{300'000};
  std::chrono::milliseconds interval{100};  // between looks
  Patience patience;
  bool watch = false;  // watched_window instead of stable_window
  // Called when a status changed.
  std::function<void(const std::vector<ServiceStatus>&)> report = [](const auto&) {};
  std::function<bool()> interrupted = [] { return false; };
};

// Reasons in the result are complete: containers of failed tasks were inspected.
base::Result<Settled> await_stack(const Api& api, const std::string& stack,
                                  const Waiting& waiting = {});

}  // namespace ccci::engine
