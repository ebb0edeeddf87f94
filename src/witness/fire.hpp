// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the real timer fire its real service now, with the probe instead of the job. It uses two
// drop-ins below /run/systemd/system, which are removed afterwards. All other settings of both
// units stay in force, also an administrator's overrides.
//
// Even if the witness is killed, the timer keeps its schedule and the service keeps its job. The
// drop-in of the timer only adds one more time to fire. The probe executes the job in place unless
// a request is waiting.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace ccci::witness {

// The name sorts after the usual names of an administrator's drop-ins.
inline constexpr const char* drop_in_name = "zzz-cc-ci-witness.conf";

// The drop-in of the service. `commands` are the values of ExecStart in the texts of the unit.
// Fails with [witness.exec] unless there is exactly one, without '@': only before such a command
// the probe can be inserted.
base::Result<std::string> service_drop_in(const std::vector<std::string>& commands,
                                          const std::string& probe);

std::string timer_drop_in();

}  // namespace ccci::witness
