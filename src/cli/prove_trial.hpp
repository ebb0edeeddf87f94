// SPDX-License-Identifier: GPL-3.0-or-later
// One tool more, planned: a real package resolved against the declaration as it stands, and who
// would get it. Writes neither declaration nor lock.
#pragma once

#include "cli/project.hpp"
#include "prove/observation.hpp"

namespace ccci::cli {

prove::Trial plan_trial(const Project& project, Invocation& invocation, const lock::Lock& lock);

}  // namespace ccci::cli
