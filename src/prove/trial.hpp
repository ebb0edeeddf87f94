// SPDX-License-Identifier: GPL-3.0-or-later
// A trial for the proof `propagation`: adds one real package to the declaration in memory, resolves
// it, and lists the consumers that would get it. Does not write the declaration or the lock.
#pragma once

#include "lock/lock.hpp"
#include "project/project.hpp"
#include "prove/observation.hpp"

namespace ccci::prove {

Trial plan_trial(const project::Project& project, const project::Context& context,
                 const lock::Lock& lock);

}  // namespace ccci::prove
