// SPDX-License-Identifier: GPL-3.0-or-later
// Whether this host can use the schedules of a generation. Its systemd is asked, because the time
// zones and the calendar's grammar are the host's.
#pragma once

#include <map>
#include <string>

#include "base/process.hpp"
#include "base/result.hpp"

namespace ccci::activate {

// `texts`: unit to content. [activate.schedule] for each timer that systemd cannot read or that
// never runs again. A host without systemd-analyze accepts all of them.
base::Result<void> require_schedules(base::ProcessRunner& processes,
                                     const std::map<std::string, std::string>& texts);

}  // namespace ccci::activate
