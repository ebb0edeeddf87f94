// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace ccci::declare {

// The Debian package of a command that is better known than its package: "ruby" of "gem". Empty if
// the command is not one of these. A search for similar names does not find them.
std::string_view package_of(std::string_view command);

// Further packages that bring the command, separated by ", ". Empty if none is known.
std::string_view other_packages_of(std::string_view command);

}  // namespace ccci::declare
