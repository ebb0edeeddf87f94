// SPDX-License-Identifier: GPL-3.0-or-later
// The updates that the archive has for a lock.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "lock/changes.hpp"
#include "project/project.hpp"

namespace ccci::project {

struct Updates {
  std::vector<lock::Change> security;  // from a suite like bookworm-security
  std::vector<lock::Change> others;
};

// The changes from one lock to another that raise a version.
Updates updates_between(const lock::Lock& before, const lock::Lock& after);

// What `cc-ci lock --update` would change now. Uses the network and writes no lock. [source.*]
base::Result<Updates> pending_updates(const Project& project, const Context& context,
                                      const lock::Lock& lock);

}  // namespace ccci::project
