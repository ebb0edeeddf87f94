// SPDX-License-Identifier: GPL-3.0-or-later
// Compares the lock with the current declaration.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"

namespace ccci::project {

// The names that the lock lacks, and the names that it has in excess, as "tool jq". Both are
// sorted.
struct Disagreement {
  std::vector<std::string> missing;
  std::vector<std::string> extra;
  bool other = false;  // the sources or a package rule changed, and no name did
};
std::optional<Disagreement> disagreement(const declare::Declaration& declaration,
                                         const lock::Lock& lock);

struct LockStatus {
  enum class State { missing, stale, current };
  State state = State::missing;
  lock::Lock lock;       // empty if the state is missing
  Disagreement differs;  // set if the state is stale
};

// Returns the lock, or nothing if there is none yet. [lock.*]
base::Result<std::optional<lock::Lock>> read_lock(const Project& project);

// Fails with [lock.*] if the lock exists but cannot be read.
base::Result<LockStatus> lock_status(const Project& project);

// Returns the lock if it is current. [cli.no-lock], [cli.stale-lock], [lock.*]
base::Result<lock::Lock> current_lock(const Project& project);

// The error for a lock that is missing or stale.
base::Error lock_error(const Project& project, const LockStatus& status);

}  // namespace ccci::project
