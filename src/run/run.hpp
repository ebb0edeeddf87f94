// SPDX-License-Identifier: GPL-3.0-or-later
// One test of one recipe, from an empty engine to nothing left.
#pragma once

#include <functional>

#include "base/result.hpp"
#include "run/mask.hpp"
#include "run/plan.hpp"
#include "run/setup.hpp"
#include "run/source.hpp"
#include "run/verdict.hpp"
#include "run/watcher.hpp"

namespace ccci::run {

struct RunRequest {
  std::string name;           // of the run; unique
  std::filesystem::path out;  // for files that tiers make, e.g. screenshot.png; exists
  // Where the restic repository of a green backup is copied to; empty: it goes with the run.
  std::filesystem::path keep_backup = {};
  // Whether somebody asked the run to end. The deadline of the plan is added.
  std::function<bool()> asked_to_stop = [] { return false; };
  // Called before the teardown if a rung is red and Setup::pause is set, with the engine's socket.
  std::function<void(const Result&, const std::filesystem::path& socket)> pause;
};

// The tools of the environment that the plan needs and the setup lacks are errors before anything
// starts [run.no-program]. Later errors are in the result, because a run that failed was torn down
// too, and that is part of the result.
base::Result<Result> execute(const Setup& setup, const Plan& plan, const Checkout& checkout,
                             const RunRequest& request, Watcher& watcher, Mask& mask);

// Ends what killed runs left. Returns a line for each. [base.*]
base::Result<std::vector<std::string>> reap_dead_runs(const Setup& setup);

}  // namespace ccci::run
