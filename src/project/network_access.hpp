// SPDX-License-Identifier: GPL-3.0-or-later
// With what the resolvers reach indexes and registries: proxies, trusted authorities, credentials.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "node/resolver.hpp"
#include "project/project.hpp"

namespace ccci::project {

// PEM: the authorities that this host trusts, and those of the declaration.
std::string authorities(const declare::Declaration& declaration);
// The same, or nothing if the declaration has none: then libapt's own settings hold.
std::string house_authorities(const declare::Declaration& declaration);

// NAME=value of the caller's variables that name proxies.
std::vector<std::string> proxies();

// The registries of npm with their credentials. [source.no-netrc], [source.netrc-owner]
base::Result<node::Access> npm_access(const Project& project);

bool is_on_this_machine(const node::Access& access);

// Whether only npm can fetch the file.
bool needs_npm(const node::Access& access, const std::string& uri);

}  // namespace ccci::project
