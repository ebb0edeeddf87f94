// SPDX-License-Identifier: GPL-3.0-or-later
// One test of a recipe in the environment of a project, from the declaration to the result's files.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "job/caller.hpp"
#include "project/project.hpp"
#include "run/mask.hpp"
#include "run/plan.hpp"
#include "run/verdict.hpp"

namespace ccci::job {

struct TestOrder {
  std::string recipe;                // a name of the declaration, a directory or a git URL
  std::string ref = {};              // empty: the newest, or the directory's files as they are
  std::string base = {};             // a release; empty: the newest older one
  std::set<std::string> tiers = {};  // empty: all
  std::vector<std::filesystem::path> images = {};  // archives, besides those of the declaration
  std::filesystem::path environment_of = {};       // another declaration; empty: the project's
  std::filesystem::path settings_of = {};          // the same for [recipes]
  std::filesystem::path out = {};                  // of the files; empty: STATE/results/RUN
  bool keep = false;                               // a red deployment stays
  bool pause = false;                              // a red deployment waits for the caller
  bool keep_backup = false;  // the restic repository of a green backup is one of the files
};

// A test that came to a result.
struct Tested {
  run::Result result;
  std::filesystem::path out;  // its files
  run::Mask mask = {};        // what may not be shown of it
  std::string docker = {};    // the command that talks to its engine, as one would type it
};

// Called before a red deployment is removed, if the order has `pause`, with the command that talks
// to its engine, as one would type it.
using Pause = std::function<void(const std::string& docker)>;

// Writes nothing but a scratch directory that goes at once. [run.*], [recipe.*], [sweep.*]
base::Result<run::Plan> plan_test(project::Project project, const TestOrder& order,
                                  const Caller& caller);

// Makes the environment and the images, tests, tears down, and writes the files of the result.
// A test that could not begin leaves its files too, and is an error; so is `result.error`, which
// the caller returns after it showed the result. Needs root. [engine.not-root], [run.*],
// [recipe.*], [sweep.*], [source.*], [store.*]
base::Result<Tested> test(project::Project project, const TestOrder& order, const Caller& caller,
                          const Pause& pause);

}  // namespace ccci::job
