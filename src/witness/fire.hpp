// SPDX-License-Identifier: GPL-3.0-or-later
// How the real timer is made to fire its real service now, with the probe in the place of the job:
// two drop-ins below /run/systemd/system, taken away afterwards. Everything else of both units
// stays in force, an administrator's overrides as well.
//
// Whatever happens to the witness, the timer keeps its schedule and the service its job: the
// drop-in of the timer only adds a moment, and the probe executes the job in place unless it was
// asked just then.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace ccci::witness {

// The name sorts behind what an administrator's drop-in is usually called.
inline constexpr const char* drop_in_name = "zzz-cc-ci-witness.conf";

// The drop-in of the service. `commands` are the values of its ExecStart, as its texts have them.
// [witness.exec] unless there is exactly one, without '@': what would be put before it is then
// known.
base::Result<std::string> service_drop_in(const std::vector<std::string>& commands,
                                          const std::string& probe);

std::string timer_drop_in();

}  // namespace ccci::witness
