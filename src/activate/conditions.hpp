// SPDX-License-Identifier: GPL-3.0-or-later
// The conditions and asserts of a unit ([Unit] ConditionPathExists= …). If one is false, systemd
// answers a start with success and starts nothing. systemd-analyze is asked, because systemd itself
// tells only after a start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "activate/observe.hpp"
#include "base/process.hpp"
#include "base/result.hpp"

namespace ccci::activate {

// What is false now, as in "ConditionPathExists=/srv/x"; empty if all hold, or if there was no
// answer. `runs`: whether the unit is active. Then a negated condition is left out, because the
// daemon may remove the path when it stops; else one below /run, because what starts with the unit
// may make it. ConditionEnvironment= is left out: only process 1 knows its variables.
std::vector<std::string> unmet_conditions(base::ProcessRunner& processes, const std::string& unit,
                                          bool runs);

// `restarted`: the units that a switch restarts or starts. [activate.condition] for each that would
// not start.
base::Result<void> require_conditions(base::ProcessRunner& processes,
                                      const std::vector<std::string>& restarted,
                                      const Observed& observed);

}  // namespace ccci::activate
