// SPDX-License-Identifier: GPL-3.0-or-later
// The traps of each kind of runner, looked for in what was observed on this host.
#pragma once

#include <vector>

#include "declare/declaration.hpp"
#include "environment/environment.hpp"
#include "host/checkup.hpp"
#include "host/runner_observation.hpp"

namespace ccci::host {

// At least one; good where nothing is in the way. `environment` is null where it is not built.
// `here`: this machine is a host, so that a unit that is missing is missed.
std::vector<Symptom> runner_symptoms(const declare::Runner& runner, const ObservedRunner& observed,
                                     const environment::Environment* environment, bool here);

// Of a timer: would its unit take the place of one that somebody else installed?
std::vector<Symptom> timer_symptoms(const declare::Timer& timer, const ObservedUnit& unit);

}  // namespace ccci::host
