// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/calendar.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"

namespace ccci::declare {
namespace {

struct Case {
  std::string verdict;
  std::string expression;
};

std::vector<Case> corpus() {
  const auto text = base::read_file(CCCI_SOURCE_DIR "/tests/unit/declare/calendar.txt", 1U << 20U);
  std::vector<Case> cases;
  if (!text) return cases;
  for (const std::string_view line : base::split(*text, '\n')) {
    const std::size_t open = line.find('<');
    if (line.empty() || line[0] == '#') continue;
    cases.push_back({std::string(line.substr(0, open - 1)),
                     std::string(line.substr(open + 1, line.size() - open - 2))});
  }
  return cases;
}

TEST(Calendar, JudgesTheCorpus) {
  const auto cases = corpus();
  ASSERT_GE(cases.size(), 80U);
  for (const Case& c : cases) {
    const std::string why = check_calendar(c.expression);
    const std::string verdict = why.empty()                       ? "good"
                                : why == "this date never occurs" ? "never"
                                                                  : "bad";
    EXPECT_EQ(verdict, c.verdict) << "'" << c.expression << "': " << why;
  }
}

TEST(Calendar, KnowsWhatRepeatsWithinTheHour) {
  for (const char* often :
       {"minutely", "*:*:0/20", "*:0/5", "Mon *-*-* 10:00,30", "10:00..30 UTC"}) {
    EXPECT_TRUE(repeats_within_the_hour(often)) << often;
  }
  for (const char* seldom : {"hourly", "daily", "Sun *-*-* 03:00", "*-*-* 0/2:00", "8,20:15:00"}) {
    EXPECT_FALSE(repeats_within_the_hour(seldom)) << seldom;
  }
}

TEST(Calendar, SaysWhy) {
  EXPECT_EQ(check_calendar("*-02-30"), "this date never occurs");
  EXPECT_EQ(check_calendar("Mon 25:00"), "the hour is not in 0 to 23");
  EXPECT_EQ(check_calendar("fortnightly"), "'fortnightly' is not a number");
  EXPECT_EQ(check_calendar("Mond 10:00"), "'Mond' is not a weekday");
  EXPECT_EQ(check_calendar("10:00%i"), "'%i' is unknown");
  EXPECT_EQ(check_calendar("12:30:60"), "the second is not in 0 to 59");
  EXPECT_EQ(check_calendar("1969-01-01"), "the year is not in 1970 to 2199");
  EXPECT_EQ(check_calendar(""), "it is empty");
  EXPECT_EQ(check_calendar("30 2 * * 1-5"),
            "it is a schedule of cron; here 02:30 of each day is '*-*-* 02:30'");
  EXPECT_EQ(check_calendar("Sun *-*-* 03:00 Europe/Atlantis"),
            "'Europe/Atlantis' is not a time zone");
  EXPECT_EQ(check_calendar("03:00 CEST"), "'CEST' is not a time zone");
  EXPECT_EQ(check_calendar("Mon, Tues 03"), "'Tues 03' is not a number");
}

TEST(Calendar, KnowsTimeZones) {
  EXPECT_EQ(check_calendar("10:00 America/Argentina/Buenos_Aires"), "");
  EXPECT_EQ(check_calendar("10:00 Africa/Abidjan"), "");
  EXPECT_EQ(check_calendar("10:00 Etc/GMT+5"), "");
  EXPECT_NE(check_calendar("10:00 Europe"), "");
  EXPECT_NE(check_calendar("10:00 Europe/"), "");
  EXPECT_NE(check_calendar("10:00 Europe/Atlantis"), "");
  EXPECT_NE(check_calendar("10:00 Buenos_Aires"), "");
}

std::string systemd_verdict(const std::string& expression) {
  base::Command command;
  // The years of the corpus lie ahead of this day, so that "never" means just that.
  command.argv = {"systemd-analyze", "calendar", "--base-time=1970-01-02 00:00:00 UTC", "--",
                  expression};
  command.environment = {{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TZ=UTC", "LC_ALL=C"}};
  const auto outcome = base::real_processes().run(command);
  if (!outcome) return "could not be run";
  if (outcome->status != 0) return "bad";
  return outcome->out.find("elapse: never") != std::string::npos ? "never" : "good";
}

TEST(Calendar, AgreesWithSystemd) {
  if (access("/usr/bin/systemd-analyze", X_OK) != 0) {
    GTEST_SKIP() << "systemd-analyze is not installed (package systemd)";
  }
  for (const Case& c : corpus()) {
    // Debian 13 has the oldest zones in a package of their own, tzdata-legacy.
    const bool legacy = c.expression.ends_with(" CET") || c.expression.ends_with(" EST5EDT");
    if (legacy && access("/usr/share/zoneinfo/CET", R_OK) != 0) continue;
    EXPECT_EQ(systemd_verdict(c.expression), c.verdict) << "'" << c.expression << "'";
  }
}

}  // namespace
}  // namespace ccci::declare
