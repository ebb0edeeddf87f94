// SPDX-License-Identifier: GPL-3.0-or-later
// A package-lock.json of the project, versions 2 and 3.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "lock/lock.hpp"
#include "node/installed.hpp"

namespace ccci::node {

struct ProjectLock {
  std::string path;        // "web/package-lock.json"
  base::Json lock;         // its content
  base::Json description;  // of the package.json beside it, or made of the lock's own record of it
  std::vector<Wanted> wanted;  // what the project itself depends on, for each tool of the lock
};

// Reads the lock, and refuses by name what cannot be locked: another version of the format, a
// directory, a repository, an address that is not on the web, a file without a digest.
// [node.lock-form], [node.lock-version], [node.not-on-registry], [node.workspaces],
// [node.no-integrity]
base::Result<ProjectLock> read_project_lock(const declare::Declaration& declaration,
                                            const std::string& path);

// The optional packages that npm has locked and not installed: they are for other platforms.
// `lock`: a package-lock.json; `tree`: npm's record of what it installed; `prefix`: of the places.
std::vector<lock::Elsewhere> read_elsewhere(const base::Json& lock, const base::Json& tree,
                                            std::string_view prefix);

}  // namespace ccci::node
