// SPDX-License-Identifier: GPL-3.0-or-later
// What one can see of a project without building it.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "environment/environment.hpp"
#include "lock/lock.hpp"
#include "store/store.hpp"

namespace ccci::project {

// The environment of the set ("shared" or a host's name): as built, or as planned where only its
// packages are in the store; nothing where they are not. Never fetches. [environment.*], [store.*]
base::Result<std::optional<environment::Environment>> environment_of(
    const store::Store& store, const declare::Declaration& declaration, const lock::Lock& lock,
    const std::string& set);

// Where the declaration names what a lock gives as reason ("tool git", "python pytest"), as
// FILE:LINE:COLUMN; empty where it does not.
std::string declared_at(const declare::Declaration& declaration, const std::string& reason);

}  // namespace ccci::project
