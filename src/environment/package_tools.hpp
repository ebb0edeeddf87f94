// SPDX-License-Identifier: GPL-3.0-or-later
// What a job reads when it tries to install a package: dpkg's database is read-only, and apt's own
// messages would not say what to do instead.
#pragma once

#include <vector>

#include "environment/environment.hpp"
#include "environment/tree.hpp"

namespace ccci::environment {

// Adds dpkg's hook, and replaces apt's commands on PATH by scripts that refuse to change packages
// and pass everything else on.
void add_package_tools(Tree& tree, std::vector<Exposed>& exposed);

}  // namespace ccci::environment
