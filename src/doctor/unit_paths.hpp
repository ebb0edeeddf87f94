// SPDX-License-Identifier: GPL-3.0-or-later
// The paths without which systemd does not start a service.
#pragma once

#include <string>
#include <vector>

#include "doctor/runner_observation.hpp"

namespace ccci::doctor {

struct UnitPath {
  std::string setting;  // "EnvironmentFile"
  std::string path;     // absolute, normal; a pattern only for EnvironmentFile=
  bool inside = false;  // systemd looks for it after the unit's mounts are made

  bool operator==(const UnitPath&) const = default;
};

// Of the unit without cc-ci's own drop-in. Left out are paths that may be missing ('-'), those that
// systemd makes for the unit (StateDirectory= …) or mounts for it, those below an inaccessible one
// and others that systemd drops because they change nothing, those whose specifiers are known only
// where the unit runs, and those in directories that a boot empties, like /run: another unit may
// make them first. tests/hosts/paths_test.py asks systemd itself.
std::vector<UnitPath> required_paths(const ObservedUnit& unit);

// Whether systemd makes the path, or something below it, for the unit with these texts.
bool makes_directory(const std::vector<std::string>& texts, const std::string& path);

}  // namespace ccci::doctor
