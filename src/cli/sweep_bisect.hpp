// SPDX-License-Identifier: GPL-3.0-or-later
// `cc-ci sweep --bisect RECIPE`: finds by running what turned a recipe.
#pragma once

#include <string>

#include "cli/invocation.hpp"
#include "history/history.hpp"
#include "host/build.hpp"
#include "project/project.hpp"
#include "sweep/enrolment.hpp"
#include "sweep/sweep.hpp"

namespace ccci::cli {

struct BisectRequest {
  const project::Project& project;
  const sweep::Enrolment& enrolment;
  const sweep::Setup& setup;  // how a recipe is tested here
  std::string environment;    // digest of the present one
  std::string recipe;
};

// 0: found; 4: not found, or not red any more; 143: a signal stopped it. [sweep.*], [git.*]
base::Result<int> bisect_recipe(Invocation& invocation, const BisectRequest& request,
                                const history::History& history);

}  // namespace ccci::cli
