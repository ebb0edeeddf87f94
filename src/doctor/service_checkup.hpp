// SPDX-License-Identifier: GPL-3.0-or-later
// Checks the runners and timers of a declaration against the units of this machine.
#pragma once

#include <vector>

#include "activate/layout.hpp"
#include "activate/systemd.hpp"
#include "base/process.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "doctor/checkup.hpp"
#include "environment/environment.hpp"

namespace ccci::doctor {

struct Machine {
  activate::Layout layout;
  activate::Systemd& systemd;
  base::ProcessRunner& processes;
};

// Calls systemd once for all units. If there is no answer, every unit is unknown. `environment` is
// null if it is not built. `here`: this machine is a declared host, so a missing unit is a problem.
std::vector<Symptom> check_services(const Machine& machine, const declare::Declaration& declaration,
                                    const environment::Environment* environment, bool here);

// For a switch: an error for each symptom with which a runner cannot run at all, or with which its
// jobs would not be as declared. `restarted`: the units that the switch restarts or starts; what
// only keeps another unit from starting is no error. [doctor.unfit]
base::Result<void> require_services(const Machine& machine, const declare::Declaration& declaration,
                                    const environment::Environment* environment,
                                    const std::vector<std::string>& restarted);

}  // namespace ccci::doctor
