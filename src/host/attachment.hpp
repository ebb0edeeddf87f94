// SPDX-License-Identifier: GPL-3.0-or-later
// How a runner's service is attached to the environment as a whole: a drop-in that makes the
// environment's /usr its /usr. Jobs start in it without a launcher, a step's literal /bin/sh and
// the daemon's own lookups resolve inside, and it works where the unit forbids mounts to its
// processes, since it is the service manager that mounts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "declare/declaration.hpp"
#include "environment/environment.hpp"
#include "host/entrypoint_object.hpp"
#include "host/unit.hpp"

namespace ccci::host {

inline constexpr std::string_view drop_in_name = "50-cc-ci.conf";

// A file of ours that the service sees in the place of one of the host's.
struct Overlay {
  std::string name;  // "profile"
  std::string content;
  std::string over;  // "/etc/profile"

  bool operator==(const Overlay&) const = default;
};

// PATH of a runner's jobs: the environment's, and last the directories of the entrypoints, so that
// a step may call them by name.
std::string runner_path(const environment::Environment& environment,
                        const std::map<std::string, EntrypointObject>& entrypoints);

std::vector<Overlay> runner_overlays(const declare::Runner& runner,
                                     const environment::Environment& environment,
                                     const std::string& path);

// "UNIT.d/50-cc-ci.conf". Nothing where no unit is known. The overlays lie below `overlays`.
std::optional<UnitFile> runner_drop_in(const declare::Runner& runner,
                                       const environment::Environment& environment,
                                       const std::string& path, const std::string& overlays = {});

// Why this runner's jobs do not see what the drop-in says; empty where they do.
std::string runner_problem(const declare::Runner& runner,
                           const environment::Environment& environment);

}  // namespace ccci::host
