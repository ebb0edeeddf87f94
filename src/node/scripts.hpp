// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the lifecycle scripts (preinstall, install, postinstall) of the packages of npm that the
// declaration names, sealed off as maintainer scripts are: without network, host and rights. Only
// what they change below the directory of npm is kept.
#pragma once

#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "environment/part.hpp"
#include "lock/lock.hpp"
#include "store/store.hpp"

namespace ccci::node {

// Whether the lock has each package whose scripts are to run. [node.no-script]
base::Result<void> check_scripts(const declare::Declaration& declaration, const lock::Lock& lock);

// What the scripts make, as a part that comes after all others in a root; nothing if none is
// declared. `parts`: of the environment, with what maintainer scripts made. Runs only what is not
// in the store yet. [node.script-failed], [environment.*], [seal.*], [store.*]
base::Result<std::vector<environment::Part>> run_scripts(
    store::Store& store, const declare::Declaration& declaration,
    const std::vector<environment::Part>& parts, base::Progress& progress);

}  // namespace ccci::node
