// SPDX-License-Identifier: GPL-3.0-or-later
// Tools that have no commands, told when locking and not only by the next build.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::project {

// Looks into those of the declared tools that `doubtful` names: an index does not say what a
// package has, but fonts, data and libraries rarely have programs. Fetches these few. What cannot
// be fetched now is left to the build. [environment.no-commands]
base::Result<void> check_tools(const Project& project, const Context& context, store::Store& store,
                               const lock::Lock& lock, const std::vector<std::string>& doubtful);

}  // namespace ccci::project
