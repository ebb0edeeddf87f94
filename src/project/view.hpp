// SPDX-License-Identifier: GPL-3.0-or-later
// Reads facts about a project without building it.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "environment/environment.hpp"
#include "lock/lock.hpp"
#include "store/store.hpp"

namespace ccci::project {

// The environment of the set ("shared" or a host's name). Returns the built one. If only its
// packages are in the store, returns the planned one. Otherwise returns nothing. Never fetches.
// [environment.*], [store.*]
base::Result<std::optional<environment::Environment>> environment_of(
    const store::Store& store, const declare::Declaration& declaration, const lock::Lock& lock,
    const std::string& set);

// The package whose file is the command in the environment's root, also if the command is not on
// PATH. Empty if no package has it. [store.*]
base::Result<std::string> package_of_command(const store::Store& store, const lock::Lock& lock,
                                             const environment::Environment& environment,
                                             const std::string& command);

// The place in the declaration of a reason in a lock ("tool git", "python pytest"), as
// FILE:LINE:COLUMN. Empty if the declaration does not have it.
std::string declared_at(const declare::Declaration& declaration, const std::string& reason);

}  // namespace ccci::project
