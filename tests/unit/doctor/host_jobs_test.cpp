// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/host_jobs.hpp"

#include <gmock/gmock.h>

#include "declare/declaration.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::doctor {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

HostJob job(const std::string& command) {
  return job_of({"/etc/cron.d/x:1", "ci", "0 3 * * *", command});
}

TEST(HostJobTest, a_plain_command_needs_no_shell) {
  const HostJob found = job("/srv/ci/Nightly_Sweep.sh --all 'two words'");
  EXPECT_EQ(found.name, "nightly-sweep");
  EXPECT_EQ(found.schedule, "*-*-* 03:00:00");
  EXPECT_EQ(found.user, "ci");
  EXPECT_THAT(found.command, ElementsAre("/srv/ci/Nightly_Sweep.sh", "--all", "two words"));
  EXPECT_THAT(found.notes, IsEmpty());
}

TEST(HostJobTest, a_directory_and_a_log_have_their_own_keys) {
  const HostJob found = job("cd /srv/ci && python3 sweep.py >> /var/log/sweep.log 2>&1");
  EXPECT_EQ(found.directory, "/srv/ci");
  EXPECT_EQ(found.name, "sweep");
  EXPECT_THAT(found.command, ElementsAre("python3", "sweep.py"));
  EXPECT_THAT(found.notes, ElementsAre(HasSubstr("its output went to /var/log/sweep.log")));
  EXPECT_THAT(job("true 2>&1").command, ElementsAre("true"));
}

TEST(HostJobTest, variables_and_the_shell_of_the_crontab_are_named) {
  const auto jobs = read_crontab(
      "SHELL=/bin/bash\nTOKEN=secret\nMAILTO=\"ops\"\n0 3 * * * [[ -f /x ]] && echo $TOKEN\n", "/c",
      "ci");
  ASSERT_EQ(jobs.size(), 1U);
  const HostJob found = job_of(jobs[0]);
  EXPECT_THAT(found.command, ElementsAre("bash", "-c", "[[ -f /x ]] && echo $TOKEN"));
  EXPECT_THAT(found.notes, testing::Contains(HasSubstr("the crontab sets TOKEN: ")));
  EXPECT_THAT(found.notes, testing::Contains(HasSubstr("MAILTO")));
  for (const std::string& note : found.notes) EXPECT_THAT(note, Not(HasSubstr("secret")));
}

TEST(HostJobTest, crons_percent_and_builtins_of_a_shell) {
  EXPECT_THAT(job("date '+\\%F'").command, ElementsAre("date", "+%F"));
  EXPECT_TRUE(job("date '+\\%F'").complete);
  EXPECT_FALSE(job("mail -s hi ops%body").complete);
  EXPECT_THAT(job("exec /srv/a.sh x").command, ElementsAre("/srv/a.sh", "x"));
  EXPECT_THAT(job(". /srv/a.sh").command, ElementsAre("sh", "-c", ". /srv/a.sh"));
  EXPECT_EQ(job(". /srv/a.sh").name, "a");
  EXPECT_EQ(job("nice -n 19 /srv/slow.sh").name, "slow");
  EXPECT_EQ(job("flock -n /run/lock/l /srv/weekly.sh").name, "weekly");
  EXPECT_EQ(job("cd /srv/site && make nightly").name, "nightly");
  EXPECT_EQ(job("npm run report").name, "report");
  EXPECT_EQ(job("make").name, "make");
}

TEST(HostJobTest, a_redirection_goes_as_a_whole) {
  EXPECT_THAT(job("/srv/b.sh &> /var/log/b").command, ElementsAre("/srv/b.sh"));
  EXPECT_THAT(job("/srv/b.sh &>>/var/log/b").command, ElementsAre("/srv/b.sh"));
  const std::string quoted = "echo a > \"/tmp/my out\" 2>&1";
  EXPECT_THAT(job(quoted).command, ElementsAre("sh", "-c", quoted));
  EXPECT_FALSE(job("nohup /srv/b.sh &").complete);
}

TEST(HostJobTest, what_only_a_shell_understands_is_left_to_it) {
  for (const char* line : {"a | b", "a && b", "X=1 a", "echo $HOME", "a; b", "echo \"$x\"",
                           "a *.txt", "(a)", "a 'b", "cd \"$D\" && a"}) {
    EXPECT_THAT(job(line).command, ElementsAre("sh", "-c", line)) << line;
  }
  EXPECT_EQ(job("PATH=/x:/y /srv/backup.sh | logger").name, "backup");
}

class HostJobsTest : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) {
    fs::create_directories((host_ / path).parent_path());
    test::write_text(host_ / path, text);
  }

  test::Scratch scratch_;
  fs::path host_ = scratch_.path();
};

TEST_F(HostJobsTest, what_was_found_is_a_good_declaration) {
  put("etc/cron.d/nightly",
      "PATH=/usr/bin\n0 3 * * 0 ci /srv/ci/sweep.sh --all\n"
      "@reboot root /srv/ci/warm.sh\n5 4 1 * 1 root /srv/ci/both.sh\n"
      "0 6 * * * root /srv/ci/sweep.sh\n"
      "0 1 * * * root /usr/local/lib/cc-ci/current/bin/ci-run true\n"
      "0 7 * * * root echo \"a\x1b[31m\" | logger \\\n");
  put("etc/systemd/system/backup.timer", "[Timer]\nOnCalendar=*-*-* 02:00\n");
  put("etc/systemd/system/backup.service",
      "[Service]\nUser=backup\nWorkingDirectory=/srv\nEnvironmentFile=-/etc/backup.env\n"
      "Environment=A=1\nExecStart=-/usr/bin/restic backup \"/srv/my data\"\n");
  put("etc/systemd/system/odd.timer", "[Timer]\nOnBootSec=5min\nUnit=../x.service\n");
  put("elsewhere.timer", "[Timer]\nOnCalendar=daily\n");
  fs::create_symlink(host_ / "elsewhere.timer", host_ / "etc/systemd/system/linked.timer");
  put("usr/lib/systemd/system/drone-runner-exec.service", "[Service]\n");

  const std::vector<HostJob> jobs = host_jobs(host_);
  std::vector<std::string> names;
  for (const HostJob& one : jobs) names.push_back(one.name);
  EXPECT_THAT(names, ElementsAre("backup", "odd", "sweep", "warm", "both", "sweep-2", "echo"));
  EXPECT_THAT(jobs[0].command, ElementsAre("/usr/bin/restic", "backup", "/srv/my data"));
  EXPECT_THAT(jobs[0].environment_files, ElementsAre("-/etc/backup.env"));
  EXPECT_EQ(jobs[0].user, "backup");

  const std::string text =
      declare::starter() + declare_host(jobs, host_runners(host_), "ci-1.example.org");
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  const auto declaration = declare::parse(text, "cc-ci.toml");
  ASSERT_TRUE(declaration) << text;
  EXPECT_EQ(declaration->timers.size(), 3U) << text;
  EXPECT_THAT(text, HasSubstr("# not taken over: "));
  EXPECT_EQ(declaration->timers.at("sweep").schedule, "Sun *-*-* 03:00:00");
  EXPECT_THAT(declaration->timers.at("backup").exec,
              ElementsAre("ci-run", "/usr/bin/restic", "backup", "/srv/my data"));
  EXPECT_TRUE(declaration->runners.contains("drone-exec"));
  EXPECT_TRUE(declaration->hosts.contains("ci-1.example.org"));
  EXPECT_THAT(text, HasSubstr("# systemd has no expression for '@reboot': choose a schedule"));
  EXPECT_THAT(text, HasSubstr("# the crontab sets PATH; a timer's is the environment's"));
  EXPECT_THAT(text, HasSubstr("# [timers.both]"));
}

TEST_F(HostJobsTest, what_a_unit_has_and_a_timer_has_not_is_named) {
  put("etc/systemd/system/b.timer", "[Timer]\nOnCalendar=daily\n");
  put("etc/systemd/system/b.service",
      "[Unit]\nOnFailure=tell.service\n[Service]\nExecStartPre=/bin/a\nExecStart=/bin/b $OPTIONS\n"
      "LoadCredential=k:/etc/k\nRuntimeMaxSec=1h\n");
  const std::vector<HostJob> jobs = unit_jobs(host_);
  ASSERT_EQ(jobs.size(), 1U);
  for (const char* note :
       {"ExecStartPre= of b.service is not taken", "declare credentials", "see timeout",
        "see on_failure", "systemd replaced the variables in its command",
        "remove /etc/systemd/system/b.timer before the switch"}) {
    EXPECT_THAT(jobs[0].notes, testing::Contains(HasSubstr(note)));
  }
  EXPECT_FALSE(jobs[0].complete);
  put("etc/systemd/system/b.service", "[Service]\nExecStart=/bin/sh -c 'echo $HOME'\n");
  EXPECT_TRUE(unit_jobs(host_)[0].complete);
}

TEST_F(HostJobsTest, a_host_without_jobs_gets_its_name) {
  EXPECT_THAT(host_jobs(host_), IsEmpty());
  const std::string text = declare::starter() + declare_host({}, {}, "ci-1");
  EXPECT_TRUE(declare::parse(text, "cc-ci.toml"));
}

}  // namespace
}  // namespace ccci::doctor
