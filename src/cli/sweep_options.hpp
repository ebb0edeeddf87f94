// SPDX-License-Identifier: GPL-3.0-or-later
// The options of `cc-ci sweep`, checked before anything is fetched or built.
#pragma once

#include <set>
#include <string>

#include "base/result.hpp"
#include "cli/invocation.hpp"
#include "declare/declaration.hpp"
#include "sweep/enrolment.hpp"
#include "sweep/night.hpp"

namespace ccci::cli {

struct SweepOptions {
  bool acts = false;           // neither --dry-run nor --plan
  std::set<std::string> only;  // recipes; empty: all
  std::string bisect;          // a recipe; empty: a sweep
  std::string format = "json";
  unsigned jobs = 2;
  sweep::Request request;  // without its environment
};

// [sweep.*], [cli.number]
base::Result<SweepOptions> sweep_options(const Invocation& invocation,
                                         const declare::Sweep& settings);

// Leaves the recipes of --only. [sweep.unknown-recipe]
base::Result<void> keep_only(const std::set<std::string>& only, sweep::Enrolment& enrolment);

}  // namespace ccci::cli
