// SPDX-License-Identifier: GPL-3.0-or-later
// A schedule of crontab(5) as a calendar expression of systemd.time(7).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ccci::doctor {

// "30 4 * * 1-5" -> "Mon..Fri *-*-* 04:30:00", "@daily" -> "daily". Nothing if systemd cannot say
// it:
// @reboot, a schedule with both a day of the month and a day of the week (cron means either of
// them, systemd both), and what is no schedule.
std::optional<std::string> calendar_of_cron(std::string_view schedule);

}  // namespace ccci::doctor
