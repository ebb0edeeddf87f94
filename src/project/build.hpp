// SPDX-License-Identifier: GPL-3.0-or-later
// From a lock to objects of the store: built, or only planned.
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

// What build() would give, read from the store: nothing where an environment is not built yet.
// Writes nothing; an object that it names need not be published yet.
base::Result<std::optional<host::Build>> plan(const Project& project, const Context& context,
                                              store::Store& store, const lock::Lock& lock,
                                              const std::vector<std::string>& hosts);

// The explicit roots that a build has, by name.
std::map<std::string, store::Address> root_names(const Project& project, const host::Build& build);

// A build for programs: what `cc-ci build --json` prints.
base::Json to_json(const host::Build& build);

// Builds one host's system. `may_resolve` as in lock_for_build(). With nothing to do it reads the
// cache of builds and parses nothing. [cli.*], [source.*], [store.*], [host.*]
base::Result<store::Address> build_system(const Project& project, const Context& context,
                                          store::Store& store, const std::string& host,
                                          bool may_resolve);

// The system that declaration and lock give the host; nothing where it is not built or planned.
// Writes nothing.
base::Result<std::optional<store::Address>> planned_system(const Project& project,
                                                           const Context& context,
                                                           store::Store& store,
                                                           const lock::Lock& lock,
                                                           const std::string& host);

}  // namespace ccci::project
