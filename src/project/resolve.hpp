// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a lock from a declaration, and fetches the archives that a lock names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "host/build.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::project {

// Which locked versions may change.
struct Update {
  bool all = false;
  std::vector<std::string> packages;  // only these, if `all` is false
};

struct Resolved {
  lock::Lock lock;
  std::vector<std::string> lost;  // packages that move because nobody has the locked version
};

// Resolves with the sources. A package of `earlier` (may be null) keeps its version if that is
// possible and `update` does not name the package. Writes no lock. [source.*], [store.*]
base::Result<Resolved> resolve(const Project& project, const Context& context,
                               const lock::Lock* earlier, const Update& update);

// With `may_resolve`, a missing or stale lock is first made and written, as `cc-ci lock` does.
// Otherwise the same as current_lock(). [cli.no-lock], [cli.stale-lock], [lock.*], [source.*]
base::Result<lock::Lock> lock_for_build(const Project& project, const Context& context,
                                        bool may_resolve);

// The packages that the names of tools, modules and packages refer to, for an update.
// [cli.unknown-tool] for a name that is none of these.
base::Result<std::vector<std::string>> packages_of(const Project& project,
                                                   const std::optional<lock::Lock>& earlier,
                                                   const std::vector<std::string>& names);

// Makes the objects of the packages in the store. Fetches what is neither there nor kept.
// [source.*], [store.*]
base::Result<void> unpacked(const Project& project, const Context& context, store::Store& store,
                            const std::vector<source::Package>& packages,
                            const std::vector<source::Release>& locked = {});

// Those of the names that are packages of the Debian indexes that are here. [source.*]
base::Result<std::vector<std::string>> known_packages(const Project& project,
                                                      const Context& context,
                                                      const store::Store& store,
                                                      const std::vector<std::string>& names);

// Fetches archives into the store. The project, the context and the store must outlive the result.
// `locked`: the releases of the lock, whose mirrors are asked too.
host::Fetch fetcher(const Project& project, const Context& context, const store::Store& store,
                    std::vector<source::Release> locked);

}  // namespace ccci::project
