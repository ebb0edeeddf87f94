// SPDX-License-Identifier: GPL-3.0-or-later
// Makes objects of the store from a lock: builds them, or only plans them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "host/build.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::project {

// Builds what is missing. Then the roots of this declaration name the new objects and no longer the
// old ones. [source.*], [store.*], [environment.*], [host.*]
base::Result<host::Build> build(const Project& project, const Context& context, store::Store& store,
                                const lock::Lock& lock, const std::vector<std::string>& hosts);

// The result that build() would have, derived from the store. Returns nothing if an environment is
// not built yet. Writes nothing, so an object in the result may not be published yet.
base::Result<std::optional<host::Build>> plan(const Project& project, const Context& context,
                                              store::Store& store, const lock::Lock& lock,
                                              const std::vector<std::string>& hosts);

// The explicit roots of a build, by name.
std::map<std::string, store::Address> root_names(const Project& project, const host::Build& build);

// A build as JSON for programs: the output of `cc-ci build --json`.
base::Json to_json(const host::Build& build);

// Builds one host's system. `may_resolve` is as in lock_for_build(). If there is nothing to do, it
// reads the cache of builds and parses nothing. [cli.*], [source.*], [store.*], [host.*]
base::Result<store::Address> build_system(const Project& project, const Context& context,
                                          store::Store& store, const std::string& host,
                                          bool may_resolve);

// The host's system according to declaration and lock. Returns nothing if it is neither built nor
// planned. Writes nothing.
base::Result<std::optional<store::Address>> planned_system(const Project& project,
                                                           const Context& context,
                                                           store::Store& store,
                                                           const lock::Lock& lock,
                                                           const std::string& host);

// The programs of the shared environment that have their set-id bits or capabilities in their
// packages or by their scripts, and not here: "/usr/bin/sudo". Not those of packages that every
// Debian system has. [store.meta]
base::Result<std::vector<std::string>> lost_rights(const store::Store& store,
                                                   const lock::Lock& lock);

}  // namespace ccci::project
