// SPDX-License-Identifier: GPL-3.0-or-later
// Which package of Debian a name of a command stands for, if no locked package has it.
#pragma once

#include <string>

#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::cli {

// The package of this machine's dpkg that has the command, or that cc-ci knows for it. Empty if
// there is none.
std::string package_with_command(const std::string& name);

// Whether the indexes that are here have a package of that name. Asks no mirror. False also if the
// caller may not read them.
bool is_debian_package(Invocation& invocation, const project::Project& project,
                       const store::Store& store, const std::string& name);

}  // namespace ccci::cli
