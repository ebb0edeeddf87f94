// SPDX-License-Identifier: GPL-3.0-or-later
// The names that the shell completes, from the declaration and the lock.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.hpp"

namespace ccci::cli {

// Returns no names if the files cannot be read or are wrong.
std::vector<std::string> names_on_disk(Completion kind, const Globals& globals);

}  // namespace ccci::cli
