// SPDX-License-Identifier: GPL-3.0-or-later
// What the jobs of a project need from a call.
#pragma once

#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "job/caller.hpp"

namespace ccci::cli {

// Valid as long as the invocation.
job::Caller job_caller(Invocation& invocation);

}  // namespace ccci::cli
