// SPDX-License-Identifier: GPL-3.0-or-later
// Deploys to several hosts at the same time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "deploy/deployment.hpp"
#include "deploy/sender.hpp"
#include "host/build.hpp"
#include "project/project.hpp"

namespace ccci::deploy {

struct Target {
  Wanted wanted;
  std::string destination;  // for ssh; empty: this machine
};

// Where a declared host is: its address, else its name. Empty if it is this machine.
std::string destination_of(const declare::Host& host);

// The targets for the named hosts, with their systems in `built`. The destination of a host without
// `address` is its name.
std::vector<Target> targets_of(const project::Project& project, const host::Build& built,
                               const std::vector<std::string>& names);

// Returns one row for each target, in the same order. Deploys to at most 32 hosts at a time.
// `watch` makes the watch of target i; several threads call it. After `interrupted` returns true,
// the hosts stay as they are.
std::vector<Row> deploy_all(const std::vector<Target>& targets, const Parcel& parcel,
                            const Options& options, const std::function<Watch(std::size_t)>& watch,
                            const std::function<bool()>& interrupted);

}  // namespace ccci::deploy
