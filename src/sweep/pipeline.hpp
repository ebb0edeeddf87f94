// SPDX-License-Identifier: GPL-3.0-or-later
// A plan as the configuration of a CI engine that people already run. Each job is one call of
// `cc-ci sweep --night NIGHT --only RECIPE`, so a job that is delivered twice gives one verdict.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sweep/plan.hpp"

namespace ccci::sweep {

// "buildbot", "drone", "github", "gitlab", "json", "slurm", "woodpecker"
std::vector<std::string> pipeline_formats();

// The text of the file that the engine reads. `program` is cc-ci with its global options, as the
// workers call it. [sweep.unknown-format]
base::Result<std::string> pipeline(const Plan& plan, std::string_view format,
                                   const std::vector<std::string>& program);

}  // namespace ccci::sweep
