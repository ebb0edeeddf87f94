// SPDX-License-Identifier: GPL-3.0-or-later
// Checks what a timer's job needs from this host: its user, directory, programs and files of
// secrets. Never tells a secret.
#pragma once

#include <filesystem>
#include <vector>

#include "declare/declaration.hpp"
#include "doctor/checkup.hpp"
#include "doctor/runner_observation.hpp"
#include "environment/environment.hpp"

namespace ccci::doctor {

// Empty if nothing is missing. A path among the arguments that does not exist is unknown and not
// bad, because the job may make it. Variables of its files that the job does not get, or that
// replace those of its user, are good and named. Files are looked up below `host`. `environment` is
// null if it is not built.
std::vector<Symptom> check_timer(const declare::Timer& timer,
                                 const environment::Environment* environment = nullptr,
                                 const std::filesystem::path& host = "/");

// Checks a timer: would its unit replace a unit that somebody else installed?
std::vector<Symptom> timer_symptoms(const declare::Timer& timer, const ObservedUnit& unit);

}  // namespace ccci::doctor
