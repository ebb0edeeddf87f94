// SPDX-License-Identifier: GPL-3.0-or-later
// The units of a host, as text: what the declaration's timers and runners become.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "declare/declaration.hpp"
#include "environment/environment.hpp"

namespace ccci::host {

struct UnitFile {
  std::string path;  // below a directory of units: "nightly-sweep.service"
  std::string content;

  bool operator==(const UnitFile&) const = default;
};

// NAME.service and NAME.timer. `entrypoint` is the path of the file that the timer executes.
std::vector<UnitFile> timer_units(const declare::Timer& timer, const std::string& entrypoint);

// The runner's own unit, or an empty string: its kind has no usual one, and none was declared.
std::string runner_unit(const declare::Runner& runner);

// A drop-in that attaches the environment to the whole service, "UNIT.d/50-cc-ci.conf": jobs start
// in it without a launcher, also where the unit forbids mounts. The runner's own program must lie
// outside /usr then. Nothing where no unit is known.
std::optional<UnitFile> runner_drop_in(const declare::Runner& runner,
                                       const environment::Environment& environment);

// Why this kind's jobs do not see what the drop-in says; empty where they do.
std::string runner_problem(const declare::Runner& runner,
                           const environment::Environment& environment);

}  // namespace ccci::host
