// SPDX-License-Identifier: GPL-3.0-or-later
// What a deployment sends: the tracked files of the project, the lock and the archives. Also
// decides which hosts get it, and checks whether the hosts can have the same state directory.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "deploy/sender.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::deploy {

// The chosen hosts: all declared hosts, or the named ones in the order of the names, each once.
// [deploy.no-hosts], [cli.unknown-host]
base::Result<std::vector<std::string>> hosts_meant(const project::Project& project,
                                                   const std::vector<std::string>& named, bool all);

// Every object that is built contains the path of the store, so the store on the host must have the
// same path. A state directory in a home directory is refused, because the host may not have that
// path. [deploy.home-state]
base::Result<void> check_state(const std::filesystem::path& state);

// `version` is this program's. The project's files are read as they are now, because the
// declaration was built as it is now. [deploy.project-entry], [deploy.project-large], [gate.git],
// [base.*]
base::Result<Parcel> make_parcel(const project::Project& project, const store::Store& store,
                                 lock::Lock lock, std::string version);

}  // namespace ccci::deploy
