// SPDX-License-Identifier: GPL-3.0-or-later
// Units of systemd, of packages and of the administrator that have the name of one of ours. systemd
// uses only one file of a name: ours would take the place of a unit in /usr/lib, and would not be
// used at all if there is one in /etc.
#pragma once

#include <string>

#include "activate/generation.hpp"
#include "activate/layout.hpp"
#include "base/result.hpp"

namespace ccci::activate {

// The path of somebody else's file or link for the unit, on the host. Empty if there is none.
std::string other_unit_file(const Layout& layout, const std::string& unit);

// The path of a unit of that name for users' sessions: for all users, or in one's home below /home
// or /root. Empty if there is none. Such a unit cannot be attached: another systemd runs it.
std::string user_unit_file(const Layout& layout, const std::string& unit);

// [activate.unit-name] for each unit of the generation with such a file, [activate.masked] where
// the file only masks the unit.
base::Result<void> require_free_names(const Layout& layout, const Generation& generation);

}  // namespace ccci::activate
