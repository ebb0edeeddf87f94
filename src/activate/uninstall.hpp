// SPDX-License-Identifier: GPL-3.0-or-later
// Removes cc-ci from a host. First goes to no generation, then removes generations, profile, links,
// time stamps of timers, roots, kept namespaces, and its files in /run. If it is killed, run it
// again.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "activate/switch.hpp"

namespace ccci::activate {

struct Removal {
  Plan plan;                                 // the plan to no generation
  std::vector<std::filesystem::path> paths;  // removed next, with their content; below the prefix
  std::vector<std::string> roots;            // of the store
  std::vector<std::string> environments;     // the kept namespaces of these are released
  // Files that jobs wrote (jobs_directory). They are kept, except with `purge`. Empty directories
  // are removed.
  std::vector<std::filesystem::path> kept;
  std::optional<base::Error> unhealthy;  // all is removed, but a runner is not healthy
  // Directories that systemd made to mount entries of the environment's /etc. They are removed if
  // they are empty.
  std::vector<std::filesystem::path> mount_points;
};

// `release` releases a kept namespace. `announce` is called before anything is changed; with
// `dry_run` nothing is changed. [activate.*], [store.*], [base.remove]
struct UninstallRequest {
  bool dry_run = false;
  bool purge = false;        // also removes files that jobs wrote
  bool whole_store = false;  // the store will be removed: nothing of it stays mounted
  std::function<void(const Removal&)> announce;
  std::function<base::Result<void>(const std::string& environment)> release;
};

base::Result<Removal> uninstall(Switcher& switcher, store::Store& store,
                                const UninstallRequest& request);

}  // namespace ccci::activate
