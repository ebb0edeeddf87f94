// SPDX-License-Identifier: GPL-3.0-or-later
// What this kernel and this engine can do, and the changes of a stack that follow from it. Each
// change is a deviation of the recipe, so the result of a run can list it.
#pragma once

#include "engine/version.hpp"
#include "recipe/stack.hpp"

namespace ccci::engine {

struct Abilities {
  // IP virtual server: without it the virtual address of a service and ingress ports do not answer.
  bool ipvs = true;
};
// Asks the kernel, which may load the module for it.
Abilities probe_abilities();

// The stack as it is deployed by an engine of this version. An older engine drops a setting that it
// does not know, without a word. Adds to Stack::deviations.
recipe::Stack adapt(const recipe::Stack& stack, const Abilities& abilities,
                    ApiVersion version = newest_api);

}  // namespace ccci::engine
