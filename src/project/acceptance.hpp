// SPDX-License-Identifier: GPL-3.0-or-later
// What is checked of a new lock before it is written.
#pragma once

#include "base/result.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"

namespace ccci::project {

// Whether each environment has every shared library that files of wheels, packages of npm, other
// apt archives and pinned archives need. Fetches and unpacks these packages, and of Debian's only
// those that may have the libraries: all if one is still missing. What is not here and cannot be
// fetched (--offline, a pinned archive) is checked when it is built.
// [environment.missing-library], [source.*], [store.*]
base::Result<void> check_before_accepting(const Project& project, const Context& context,
                                          const lock::Lock& lock);

}  // namespace ccci::project
