// SPDX-License-Identifier: GPL-3.0-or-later
// The systemd units of a host as text, made from the timers in the declaration.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "declare/declaration.hpp"
#include "environment/environment.hpp"

namespace ccci::host {

struct UnitFile {
  std::string path;  // below a unit directory: "nightly-sweep.service"
  std::string content;

  bool operator==(const UnitFile&) const = default;
};

// NAME.service and NAME.timer, and NAME-failed.service if the timer has on_failure. `entrypoints`:
// name to the path of the file that is executed. A user's job gets the environment's mounts from
// systemd, as a runner's jobs do, because a user namespace would hide the groups and owners.
std::vector<UnitFile> timer_units(const declare::Timer& timer,
                                  const std::map<std::string, std::string>& entrypoints,
                                  const environment::Environment& environment);

// The service and timer of [notify]. It runs the cc-ci that is installed on the host. Empty if
// there is no command.
std::vector<UnitFile> notify_units(const declare::Notify& notify);
// The units of [sweep] schedule; none without it.
std::vector<UnitFile> sweep_units(const declare::Sweep& sweep);

}  // namespace ccci::host
