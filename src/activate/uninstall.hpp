// SPDX-License-Identifier: GPL-3.0-or-later
// Takes cc-ci's traces off a host: after the way to nothing, generations, profile, links, stamps of
// timers, roots, kept namespaces, and what is on /run. Killed half-way, it is run again.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "activate/switch.hpp"

namespace ccci::activate {

struct Removal {
  Plan plan;                                 // the way to nothing
  std::vector<std::filesystem::path> paths;  // then these, whole; below the prefix
  std::vector<std::string> roots;            // of the store
  std::vector<std::string> environments;     // whose kept namespaces are released
  // What jobs wrote (jobs_directory): kept, unless it is purged. Empty directories of theirs go.
  std::vector<std::filesystem::path> kept;
  std::optional<base::Error> unhealthy;  // all is removed, but a runner is not well without it
  // Where systemd had to make a directory to mount one of the environment's /etc on: removed where
  // it is empty.
  std::vector<std::filesystem::path> mount_points;
};

// `release`: gives up a kept namespace. `announce` is told before anything is done; with `dry_run`
// nothing is. [activate.*], [store.*], [base.remove]
struct UninstallRequest {
  bool dry_run = false;
  bool purge = false;  // also what jobs wrote
  std::function<void(const Removal&)> announce;
  std::function<base::Result<void>(const std::string& environment)> release;
};

base::Result<Removal> uninstall(Switcher& switcher, store::Store& store,
                                const UninstallRequest& request);

}  // namespace ccci::activate
