// SPDX-License-Identifier: GPL-3.0-or-later
// The program of a runner, and what else systemd looks for before the daemon starts.
#pragma once

#include "doctor/runner_case.hpp"

namespace ccci::doctor {

// Checks that ExecStart=, its interpreter, ExecStartPre= and the like, WorkingDirectory= and the
// arguments below /etc lead somewhere in the environment.
void check_program(RunnerCase& about);

}  // namespace ccci::doctor
