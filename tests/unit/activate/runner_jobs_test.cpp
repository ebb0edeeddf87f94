// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/runner_jobs.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/support/scratch.hpp"

namespace ccci::activate {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class RunnerJobs : public testing::Test {
 protected:
  RunnerJobs() {
    unit_.name = "worker.service";
    unit_.control_group = "/system.slice/worker.service";
    unit_.main_pid = 100;
    fs::create_directories(group() / "job");
    fs::create_directories(view_.proc);
    test::write_text(view_.proc / "uptime", "1000.50 9.00\n");
    test::write_text(group() / "job/cgroup.procs", "");
    process(100, 1, 100);
  }
  fs::path group() const { return view_.cgroups / "system.slice/worker.service"; }

  // A process that was started so many seconds after boot.
  void process(int pid, int parent, long started, const std::string& command = "daemon") {
    const fs::path at = view_.proc / std::to_string(pid);
    fs::create_directories(at);
    std::string stat = std::to_string(pid) + " (a ) b) S " + std::to_string(parent);
    for (int field = 5; field < 22; ++field) stat += " 0";
    test::write_text(at / "stat",
                     stat + " " + std::to_string(started * sysconf(_SC_CLK_TCK)) + " 0 0\n");
    test::write_text(at / "cmdline", command + std::string(1, '\0'));
    pids_ += std::to_string(pid) + "\n";
    test::write_text(group() / "cgroup.procs", pids_);
  }

  test::Scratch scratch_;
  ProcessView view_{scratch_ / "proc", scratch_ / "cgroup", [] {}};
  UnitState unit_;
  std::string pids_;
};

TEST_F(RunnerJobs, AnIdleDaemonHasNone) {
  process(101, 100, 102, "a helper that started with it");
  EXPECT_THAT(jobs_of(unit_, view_).value(), IsEmpty());
  unit_.main_pid = 0;
  EXPECT_THAT(jobs_of(unit_, view_).value(), IsEmpty());
}

// The group is a file: a switch that took it for an empty one would restart the unit beneath its
// job.
TEST_F(RunnerJobs, AreNotMissedBecauseTheyCannotBeListed) {
  fs::create_directories(group().parent_path());
  fs::remove_all(group());
  test::write_text(group(), "");
  const auto jobs = jobs_of(unit_, view_);
  ASSERT_FALSE(jobs);
  EXPECT_TRUE(jobs.error().is(std::errc::not_a_directory));
  EXPECT_FALSE(is_asked_by(unit_, "", view_));
}

TEST_F(RunnerJobs, AServiceThatItsSocketStartsHasItsJobFromTheBeginning) {
  process(101, 100, 100, "sh build.sh");
  unit_.triggers = "worker.timer";
  EXPECT_THAT(jobs_of(unit_, view_).value(), IsEmpty());
  unit_.triggers = "worker.timer worker.socket";
  EXPECT_EQ(jobs_of(unit_, view_).value().size(), 1U);
}

TEST_F(RunnerJobs, TheTopmostProcessOfAJobIsListed) {
  process(200, 100, 700, std::string("sh\0build\x1b.sh", 12));
  process(201, 200, 701, "make");
  test::write_text(group() / "job/cgroup.procs", "202\n");
  const std::string before = pids_;
  process(202, 201, 702, "cc");
  test::write_text(group() / "cgroup.procs", before);
  const auto jobs = jobs_of(unit_, view_).value();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].pid, 200);
  EXPECT_EQ(jobs[0].age, std::chrono::seconds(300));
  EXPECT_EQ(describe(jobs[0]), "worker.service: process 200 'sh build\\x1b.sh', for 5 min 0 s");
}

// Cancelled jobs of some engines leave processes behind, whose parent is process 1.
TEST_F(RunnerJobs, WhatLostItsParentIsListedToo) {
  process(300, 1, 800, "sleep");
  process(200, 100, 700, "make");
  const auto jobs = jobs_of(unit_, view_).value();
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_FALSE(jobs[0].left);
  EXPECT_EQ(describe(jobs[1]),
            "worker.service: process 300 'sleep', for 3 min 20 s, left by a job that has ended");
}

TEST_F(RunnerJobs, ADaemonThatPollsByShortCommandsIsIdle) {
  process(400, 100, 1000, "sleep");
  view_.pause = [this] { fs::remove_all(view_.proc / "400"); };
  EXPECT_THAT(jobs_of(unit_, view_).value(), IsEmpty());
}

TEST_F(RunnerJobs, ASleepOfADaemonThatIsAScriptIsNoJob) {
  process(400, 100, 700, "sleep");
  test::write_text(view_.proc / "400/comm", "sleep\n");
  for (const char* pid : {"100", "400"}) {
    fs::create_directories(view_.proc / pid / "fd");
    for (const char* fd : {"1", "2"})
      fs::create_symlink("socket:[7]", view_.proc / pid / "fd" / fd);
  }
  EXPECT_THAT(jobs_of(unit_, view_).value(), IsEmpty());
  // The output of a job goes elsewhere.
  fs::remove(view_.proc / "400/fd/1");
  fs::create_symlink("pipe:[8]", view_.proc / "400/fd/1");
  EXPECT_EQ(jobs_of(unit_, view_).value().size(), 1U);
}

// A switch at the moment when a job begins must not end it.
TEST_F(RunnerJobs, AJobThatHasJustBegunIsAtWork) {
  process(400, 100, 1000, "make");
  view_.pause = [this] { test::write_text(view_.proc / "uptime", "1001.50 9.00\n"); };
  const auto jobs = jobs_of(unit_, view_).value();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].age, std::chrono::seconds(1));
}

TEST_F(RunnerJobs, KnowsWhetherTheUnitStartedThisProcess) {
  EXPECT_FALSE(is_asked_by(unit_, "", view_).value());
  process(getpid(), 100, 900);
  EXPECT_TRUE(is_asked_by(unit_, "", view_).value());
}

TEST_F(RunnerJobs, KnowsAnSshClientOfTheUnit) {
  process(200, 100, 700, "ssh");
  fs::create_directories(view_.proc / "200/fd");
  fs::create_symlink("socket:[4711]", view_.proc / "200/fd/3");
  fs::create_directories(view_.proc / "net");
  test::write_text(
      view_.proc / "net/tcp",
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
      "uid  timeout inode\n"
      "   0: 0100007F:C350 0100007F:0016 01 00000000:00000000 00:00000000 00000000     0"
      "        0 4711 1 0000000000000000 20 4 30 10 -1\n");
  EXPECT_TRUE(is_asked_by(unit_, "127.0.0.1 50000 127.0.0.1 22", view_).value());
  EXPECT_FALSE(is_asked_by(unit_, "127.0.0.1 50001 127.0.0.1 22", view_).value());
  EXPECT_FALSE(is_asked_by(unit_, "127.0.0.1 50000 127.0.0.1 2222", view_).value());
  EXPECT_FALSE(is_asked_by(unit_, "nonsense", view_).value());
}

}  // namespace
}  // namespace ccci::activate
