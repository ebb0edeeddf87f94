// SPDX-License-Identifier: GPL-3.0-or-later
// The user and password for an index or a registry.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "source/package.hpp"

namespace ccci::source::pypi {

struct Login {
  std::string user;
  std::string password;
};

// The entry for a server ("HOST:PORT") in the text of a netrc file. An entry for HOST:PORT goes
// before one for HOST, which holds for all ports, as for other programs; then `default`. A value
// may be in double quotes, in which a backslash stands before a quote or a backslash.
std::optional<Login> login_for(std::string_view netrc, std::string_view server);

// From the file that NETRC names, or from ~/.netrc. Nobody else's file is read. Nothing for the
// empty server. [source.no-netrc], [source.netrc-owner] for the file that NETRC names.
base::Result<std::optional<Login>> netrc_login(const std::string& server);

// The user and password for the index, or of npm for the registry: from CC_CI_PYPI_USER and
// CC_CI_PYPI_PASSWORD (CC_CI_NPM_…), or as netrc_login().
base::Result<std::optional<Login>> find_login(const std::string& server, Origin origin);

}  // namespace ccci::source::pypi
