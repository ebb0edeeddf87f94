// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/updates.hpp"

#include "project/resolve.hpp"

namespace ccci::project {

Updates updates_between(const lock::Lock& before, const lock::Lock& after) {
  Updates updates;
  for (lock::Change& change : lock::changes(before, after)) {
    if (change.movement != lock::Movement::up) continue;
    const source::Package* package = after.find(change.package);
    const bool security = package != nullptr && package->suite.ends_with("-security");
    (security ? updates.security : updates.others).push_back(std::move(change));
  }
  return updates;
}

base::Result<Updates> pending_updates(const Project& project, const Context& context,
                                      const lock::Lock& lock) {
  CCCI_TRY(const Resolved newest, resolve(project, context, &lock, {true, {}}));
  return updates_between(lock, newest.lock);
}

}  // namespace ccci::project
