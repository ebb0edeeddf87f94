// SPDX-License-Identifier: GPL-3.0-or-later
// Lets the environment's Python find the modules that come from the package index.
#pragma once

#include <vector>

#include "environment/tree.hpp"

namespace ccci::environment {

// The file that Python reads at every start, also with -I.
inline constexpr const char* python_path_file = "usr/lib/python3/dist-packages/cc-ci.pth";

// Adds the file if a part is a wheel.
void add_python_modules(Tree& tree, const std::vector<Part>& parts);

}  // namespace ccci::environment
