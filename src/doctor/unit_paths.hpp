// SPDX-License-Identifier: GPL-3.0-or-later
// The paths without which systemd does not start a service.
#pragma once

#include <string>
#include <vector>

#include "doctor/runner_observation.hpp"

namespace ccci::doctor {

struct UnitPath {
  std::string setting;  // "EnvironmentFile"
  std::string path;     // absolute; a pattern only for EnvironmentFile=
  bool inside = false;  // systemd looks for it after the unit's mounts are made

  bool operator==(const UnitPath&) const = default;
};

// Of the unit without cc-ci's own drop-in. Left out are paths that may be missing ('-'), those that
// systemd makes for the unit (StateDirectory= …), and those whose specifiers are known only where
// the unit runs.
std::vector<UnitPath> required_paths(const ObservedUnit& unit);

}  // namespace ccci::doctor
