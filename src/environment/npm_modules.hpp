// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the packages of npm usable: the links of their commands, and where Node finds them.
#pragma once

#include <string>
#include <vector>

#include "environment/part.hpp"
#include "environment/tree.hpp"

namespace ccci::environment {

// Adds node_modules/.bin, as npm makes it, for what locks of the project name.
void add_npm_commands(Tree& tree, const std::vector<Part>& parts);

// The directories of modules, for the variable NODE_PATH: those of the project first. Empty if no
// part is a package of npm.
std::string node_path(const std::vector<Part>& parts);

}  // namespace ccci::environment
