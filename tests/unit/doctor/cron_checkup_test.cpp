// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/cron_checkup.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch.hpp"

namespace ccci::doctor {
namespace {

namespace fs = std::filesystem;

TEST(Cron, JobsOfACrontabAreRead) {
  const auto jobs = read_crontab(
      "# a comment\nSHELL=/bin/sh\nMAILTO = ops\n17 * * * * root cd / && run-parts --report "
      "/etc/cron.hourly\n0 3 * * 0\tci /srv/ci/sweep.sh --all\n@daily root  /opt/x y\n",
      "/etc/crontab", "");
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(
      jobs[0],
      (CronJob{
          "/etc/crontab:5", "ci", "0 3 * * 0", "/srv/ci/sweep.sh --all", "/bin/sh", {"MAILTO"}}));
  EXPECT_EQ(jobs[1],
            (CronJob{"/etc/crontab:6", "root", "@daily", "/opt/x y", "/bin/sh", {"MAILTO"}}));
  const auto own = read_crontab("5 4 * * * make test A=b\n", "/c", "ci");
  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own[0].user, "ci");
  EXPECT_EQ(own[0].command, "make test A=b");
}

TEST(Cron, AJobThatEntersTheEnvironmentIsTold) {
  for (const char* command : {"cc-ci run -- make", "cd /srv && cc-ci -C /srv/ci run -- make",
                              "/usr/local/lib/cc-ci/current/bin/ci-run make"}) {
    EXPECT_TRUE((CronJob{"", "", "", command}.is_inside())) << command;
  }
  EXPECT_FALSE((CronJob{"", "", "", "/srv/ci/run.sh"}.is_inside()));
}

TEST(Cron, FilesOfPackagesAreLeftOut) {
  const test::Scratch host;
  for (const char* directory : {"etc/cron.d", "var/spool/cron/crontabs", "var/lib/dpkg/info"})
    fs::create_directories(host / directory);
  test::write_text(host / "etc/cron.d/php", "1 * * * * root /usr/lib/php/clean\n");
  test::write_text(host / "var/lib/dpkg/info/php.list", "/.\n/etc/cron.d/php\n");
  test::write_text(host / "etc/cron.d/sweep", "1 * * * * ci /srv/sweep\n");
  test::write_text(host / "etc/cron.d/sweep.bak", "1 * * * * ci /srv/old\n");
  test::write_text(host / "var/spool/cron/crontabs/ci", "2 * * * * /srv/hourly\n");
  const auto jobs = cron_jobs(host.path());
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].place, "/etc/cron.d/sweep:1");
  EXPECT_EQ(jobs[1].place, "/var/spool/cron/crontabs/ci:1");
  const auto symptoms = check_cron(jobs);
  ASSERT_EQ(symptoms.size(), 2U);
  EXPECT_EQ(symptoms[0].state, Symptom::State::unknown);
}

TEST(Cron, JobsThatNobodyCanListAreTold) {
  const test::Scratch scratch;
  std::filesystem::create_directories(scratch / "etc");
  EXPECT_TRUE(unread_crontabs(scratch.path()).empty());
  test::write_text(scratch / "etc/cron.d", "a file");
  const auto symptoms = unread_crontabs(scratch.path());
  ASSERT_EQ(symptoms.size(), 1U);
  EXPECT_EQ(symptoms[0].state, Symptom::State::unknown);
  EXPECT_NE(symptoms[0].found.find("/etc/cron.d cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace ccci::doctor
