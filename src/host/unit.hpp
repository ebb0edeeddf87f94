// SPDX-License-Identifier: GPL-3.0-or-later
// The systemd units of a host as text, made from the timers in the declaration.
#pragma once

#include <string>
#include <vector>

#include "declare/declaration.hpp"
#include "declare/runner_kind.hpp"

namespace ccci::host {

struct UnitFile {
  std::string path;  // below a unit directory: "nightly-sweep.service"
  std::string content;

  bool operator==(const UnitFile&) const = default;
};

// NAME.service and NAME.timer. `entrypoint` is the path of the file that the timer executes.
std::vector<UnitFile> timer_units(const declare::Timer& timer, const std::string& entrypoint);

}  // namespace ccci::host
