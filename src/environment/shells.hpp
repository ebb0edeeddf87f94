// SPDX-License-Identifier: GPL-3.0-or-later
// /etc/shells: the login shells of the packages. Packages name them by add-shell(8) in a maintainer
// script, or by a file in /usr/share/debianutils/shells.d.
#pragma once

#include <string>
#include <vector>

#include "environment/part.hpp"
#include "environment/tree.hpp"

namespace ccci::environment {

inline constexpr const char* shells_file = "etc/shells";

// Adds the file and returns its shells, sorted. Adds nothing if no package has a shell.
std::vector<std::string> add_shells(Tree& tree, const std::vector<Part>& parts);

}  // namespace ccci::environment
