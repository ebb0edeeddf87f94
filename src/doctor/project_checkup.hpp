// SPDX-License-Identifier: GPL-3.0-or-later
// Checks a project on this machine: declaration, lock, environment, and the units of its runners
// and timers. Changes nothing.
#pragma once

#include <filesystem>
#include <vector>

#include "doctor/checkup.hpp"
#include "doctor/service_checkup.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::doctor {

std::vector<Symptom> check_project(const std::filesystem::path& file,
                                   const project::Context& context, const Machine& machine);

// For a switch to the system of `host`, which is built. [doctor.unfit], [lock.*]
base::Result<void> require_services(const project::Project& project, const store::Store& store,
                                    const Machine& machine, const std::string& host,
                                    const std::vector<std::string>& restarted);

}  // namespace ccci::doctor
