// SPDX-License-Identifier: GPL-3.0-or-later
// Shows the plan of a switch or a rollback, and its result.
#pragma once

#include <string>
#include <vector>

#include "activate/plan.hpp"
#include "activate/switch.hpp"
#include "command/invocation.hpp"

namespace ccci::view {

using command::Invocation;

// The plan as lines. Without `each`, links of one kind share a line.
std::vector<std::string> plan_lines(const activate::Plan& plan, bool each);

// Prints the result of a switch. The plan was printed before.
void print_switched(Invocation& invocation, const activate::Switched& switched, bool dry_run);

activate::Announce announcer(Invocation& invocation, bool dry_run);

}  // namespace ccci::view
