// SPDX-License-Identifier: GPL-3.0-or-later
// Searches the facts observed on this host for the known problems of each kind of runner.
#pragma once

#include <vector>

#include "declare/declaration.hpp"
#include "doctor/checkup.hpp"
#include "doctor/runner_observation.hpp"
#include "environment/environment.hpp"

namespace ccci::doctor {

// Returns at least one symptom; it is good if there is no problem. `environment` is null if it is
// not built. `here`: this machine is a declared host, so a missing unit is a problem.
std::vector<Symptom> runner_symptoms(const declare::Runner& runner, const ObservedRunner& observed,
                                     const environment::Environment* environment, bool here);

}  // namespace ccci::doctor
