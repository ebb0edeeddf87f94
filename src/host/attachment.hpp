// SPDX-License-Identifier: GPL-3.0-or-later
// Attaches the whole service of a runner to the environment: a drop-in mounts the environment's
// /usr as the /usr of the service. Jobs then start in the environment without a launcher. A literal
// /bin/sh in a step and the daemon's own lookups resolve in the environment. This also works if the
// unit forbids its processes to mount, because the service manager does the mounts.
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

// A file from cc-ci that the service sees instead of a file of the host, or by its own path.
struct Overlay {
  std::string name;  // "profile"
  std::string content;
  std::string over;  // "/etc/profile"; empty: a variable names the file

  bool operator==(const Overlay&) const = default;
};

// PATH for the jobs of a runner: the environment's PATH, then the directories of the entrypoints,
// so that a step can call them by name.
std::string runner_path(const environment::Environment& environment,
                        const std::map<std::string, EntrypointObject>& entrypoints);

std::vector<Overlay> runner_overlays(const declare::Runner& runner,
                                     const environment::Environment& environment,
                                     const std::string& path);

// "UNIT.d/50-cc-ci.conf". Returns nothing if no unit is known. The overlay files are below
// `overlays`.
std::optional<UnitFile> runner_drop_in(const declare::Runner& runner,
                                       const environment::Environment& environment,
                                       const std::string& path, const std::string& overlays = {});

// The reason why the jobs of this runner do not see the drop-in's settings. Empty if they do.
std::string runner_problem(const declare::Runner& runner);

}  // namespace ccci::host
