// SPDX-License-Identifier: GPL-3.0-or-later
// Prints the plan and the result of a test.
#pragma once

#include "cli/invocation.hpp"
#include "job/test.hpp"
#include "run/plan.hpp"

namespace ccci::cli {

void print_test_plan(Invocation& invocation, const run::Plan& plan);

// Ends with what failed, and why in the service's own words. Or prints JSON.
void print_tested(Invocation& invocation, const job::Tested& tested);

}  // namespace ccci::cli
