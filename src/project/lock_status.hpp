// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the lock answers what the declaration asks now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"

namespace ccci::project {

// What the lock lacks and what it has in excess, as "tool jq"; both sorted.
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
  lock::Lock lock;       // where there is one
  Disagreement differs;  // where it is stale
};

// The lock, or nothing where there is none yet. [lock.*]
base::Result<std::optional<lock::Lock>> read_lock(const Project& project);

// [lock.*] where there is a lock and it cannot be read.
base::Result<LockStatus> lock_status(const Project& project);

// The lock where it is current. [cli.no-lock], [cli.stale-lock], [lock.*]
base::Result<lock::Lock> current_lock(const Project& project);

// The error that a lock which is not current leads to.
base::Error lock_error(const Project& project, const LockStatus& status);

}  // namespace ccci::project
