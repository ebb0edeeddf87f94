// SPDX-License-Identifier: GPL-3.0-or-later
// What is particular to a kind of runner: its configuration, installation, login files and
// plug-ins.
#pragma once

#include "doctor/runner_case.hpp"

namespace ccci::doctor {

// Checks the files that the engine itself reads.
void check_engine(RunnerCase& about);

}  // namespace ccci::doctor
