// SPDX-License-Identifier: GPL-3.0-or-later
// The unit of a runner and its drop-ins, which may undo what cc-ci's drop-in sets.
#pragma once

#include "doctor/runner_case.hpp"

namespace ccci::doctor {

// Checks variables, mounts and roots of all texts of the unit but cc-ci's.
void check_drop_ins(RunnerCase& about);

}  // namespace ccci::doctor
