// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/cron_calendar.hpp"

#include <gtest/gtest.h>

namespace ccci::doctor {
namespace {

TEST(CronCalendarTest, says_what_systemd_understands) {
  for (const auto& [cron, calendar] : {
           std::pair{"0 3 * * 0", "Sun *-*-* 03:00:00"},
           std::pair{"0 3 * * 7", "Sun *-*-* 03:00:00"},
           std::pair{"30 4 * * 1-5", "Mon..Fri *-*-* 04:30:00"},
           std::pair{"30 4 * * mon,WED,fri", "Mon,Wed,Fri *-*-* 04:30:00"},
           std::pair{"*/15 * * * *", "*-*-* *:00/15:00"},
           std::pair{"*/20 8-10 * * *", "*-*-* 08,09,10:00/20:00"},
           std::pair{"5,35 */6 * * *", "*-*-* 00/6:05,35:00"},
           std::pair{"0 5 1 * *", "*-*-01 05:00:00"},
           std::pair{"0 0 1 jan,jul *", "*-01,07-01 00:00:00"},
           std::pair{"0 0 * * 0,6", "Sat,Sun *-*-* 00:00:00"},
           std::pair{"* * * * *", "*-*-* *:*:00"},
           std::pair{"@daily", "daily"},
           std::pair{"@weekly", "Sun *-*-* 00:00:00"},
           std::pair{"@midnight", "daily"},
       }) {
    EXPECT_EQ(calendar_of_cron(cron), calendar) << cron;
  }
}

TEST(CronCalendarTest, what_systemd_cannot_say_is_nothing) {
  for (const char* cron :
       {"@reboot", "0 3 1 * 0", "0 3 * *", "60 3 * * *", "0 3 * * 8", "a b c d e", "0/0 * * * *",
        "5/10 * * * *", "10-5 * * * *", "", "0 3 * * 0 root"}) {
    EXPECT_EQ(calendar_of_cron(cron), std::nullopt) << cron;
  }
}

}  // namespace
}  // namespace ccci::doctor
