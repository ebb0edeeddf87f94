// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the packages of npm usable: the links of their commands, and where Node finds them.
#pragma once

#include <string>
#include <vector>

#include "environment/part.hpp"
#include "environment/tree.hpp"

namespace ccci::environment {

// Increase it whenever what cc-ci itself adds for packages of npm changes: the environment's
// address depends on it.
inline constexpr int npm_version = 1;

// For NODE_OPTIONS=--import=/usr/lib/cc-ci/npm/import.mjs: ES modules do not read NODE_PATH.
// Rejected: setting it always, because each start of node then starts a second thread and takes
// twice as long.
inline constexpr const char* npm_import = "usr/lib/cc-ci/npm/import.mjs";
void add_npm_import(Tree& tree);

// Adds node_modules/.bin, as npm makes it, for what locks of the project name.
void add_npm_commands(Tree& tree, const std::vector<Part>& parts);

// The directories of modules, for the variable NODE_PATH: those of the project first. Empty if no
// part is a package of npm.
std::string node_path(const std::vector<Part>& parts);

}  // namespace ccci::environment
