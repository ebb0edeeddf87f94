// SPDX-License-Identifier: GPL-3.0-or-later
// npm's record of what it installed (node_modules/.package-lock.json), as locked packages.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "source/package.hpp"

namespace ccci::node {

// Something that the declaration asks of the registry.
struct Wanted {
  std::string name;     // "prettier"
  std::string version;  // ">=3"; empty: any
  std::string because;  // "tool prettier"
  std::string set;      // "shared" or a host
  declare::Position at;

  bool operator==(const Wanted&) const = default;
};

struct Installed {
  source::Package package;
  std::string file;  // in the resolver's root; empty if it is not there

  bool operator==(const Installed&) const = default;
};

// `answer`: that of the driver. What lies in the archive of another package is left out. `prefix`:
// of the places in the lock, see declare::npm_place(). [node.not-on-registry] for a package from a
// repository, a directory or another address.
base::Result<std::vector<Installed>> read_installed(const base::Json& answer,
                                                    const std::vector<Wanted>& wanted,
                                                    const std::string& prefix = {});

}  // namespace ccci::node
