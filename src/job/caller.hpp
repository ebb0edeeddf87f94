// SPDX-License-Identifier: GPL-3.0-or-later
// A job is what the environment exists for: the test of a recipe, or a sweep over all of them. This
// room carries out the jobs of a project. Its functions print nothing and know no options, so a
// command line and a server can both call them.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "base/result.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::job {

// What a job needs from its caller.
struct Caller {
  project::Context context;
  // Gets one line that says what happens instead.
  std::function<void(std::string_view)> warn;
  // Whether somebody asked the job to end. It is asked from the call of `begins` on.
  std::function<bool()> asked_to_stop = [] { return false; };
  // Called when something begins that has to be torn down. A signal must not end the process then.
  std::function<void()> begins = [] {};
  // Opens the store for a look: the state's own, or the system's for a user who has none.
  std::function<base::Result<store::Store>()> look_at_store;

  std::filesystem::path state() const { return std::filesystem::absolute(context.state); }
};

}  // namespace ccci::job
