// SPDX-License-Identifier: GPL-3.0-or-later
// One tool more, planned: a real package resolved against the declaration as it stands, and who
// would get it. Writes neither declaration nor lock.
#pragma once

#include "lock/lock.hpp"
#include "project/project.hpp"
#include "prove/observation.hpp"

namespace ccci::prove {

prove::Trial plan_trial(const project::Project& project, const project::Context& context,
                        const lock::Lock& lock);

}  // namespace ccci::prove
