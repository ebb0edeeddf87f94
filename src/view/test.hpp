// SPDX-License-Identifier: GPL-3.0-or-later
// Prints the plan and the result of a test.
#pragma once

#include <string>

#include "command/invocation.hpp"
#include "job/test.hpp"
#include "run/plan.hpp"

namespace ccci::view {

using command::Invocation;

// The line that removes a kept deployment, as one would type it.
std::string removal_line(const Invocation& invocation, const std::string& kept);

void print_test_plan(Invocation& invocation, const run::Plan& plan);

// Ends with what failed, and why in the service's own words. Or prints JSON.
void print_tested(Invocation& invocation, const job::Tested& tested);

}  // namespace ccci::view
