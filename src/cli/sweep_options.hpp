// SPDX-License-Identifier: GPL-3.0-or-later
// The options of `cc-ci sweep`, checked before anything is fetched or built.
#pragma once

#include <string>

#include "base/result.hpp"
#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "declare/declaration.hpp"
#include "job/sweep.hpp"

namespace ccci::cli {

struct SweepOptions {
  job::SweepOrder order;  // it acts with neither --dry-run nor --plan
  std::string bisect;     // a recipe; empty: a sweep
  std::string format = "json";
};

// [sweep.*], [cli.number]
base::Result<SweepOptions> sweep_options(const Invocation& invocation,
                                         const declare::Sweep& settings);

}  // namespace ccci::cli
