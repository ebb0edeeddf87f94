// SPDX-License-Identifier: GPL-3.0-or-later
// What show, why and diff look at: a lock with, where its packages are in the store, what would
// stand on PATH.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/project.hpp"
#include "environment/plan.hpp"

namespace ccci::cli {

// The environment of the set: as built, or as planned where only its packages are there; nothing
// where they are not. Never fetches.
base::Result<std::optional<environment::Environment>> look(const store::Store& store,
                                                           const declare::Declaration& declaration,
                                                           const lock::Lock& lock,
                                                           const std::string& set);

// Where the declaration says what a lock gives as reason ("tool git", "python pytest"): its place
// as FILE:LINE:COLUMN, or an empty string.
std::string place_of(const declare::Declaration& declaration, const std::string& reason);

}  // namespace ccci::cli
