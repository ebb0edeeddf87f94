// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/exercise.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/scratch.hpp"
#include "tests/support/scripted_systemd.hpp"
#include "witness/fire.hpp"
#include "witness/timer.hpp"

namespace ccci::witness {
namespace {

namespace fs = std::filesystem;
using activate::UnitState;
using testing::HasSubstr;

class ExerciseTest : public testing::Test {
 protected:
  ExerciseTest() {
    test::write_text(scratch / "inside", "#!/bin/sh\nexec \"$@\"\n");
    chmod((scratch / "inside").c_str(), 0755);
    request.test = {"/bin/sh", "-c", "exit 0"};
    request.directory = scratch.path().native();
    request.inside = (scratch / "inside").native();
    bench.runtime_units = scratch / "units";
    bench.deadline = std::chrono::seconds(5);
    bench.patience = std::chrono::seconds(0);
  }

  Exercise run(const Path& path) { return exercise(bench, path, request); }

  Path runner(std::vector<std::string> trigger) const {
    return {Path::Kind::runner, "r", "r.service", std::move(trigger)};
  }
  // Its unit's text is a file, as systemd's are.
  Path timer() {
    test::write_text(scratch / "t.service", "[Service]\nExecStart=:/bin/true\n");
    systemd.unit("t.service", "inactive").fragment = (scratch / "t.service").native();
    systemd.unit("t.timer").last_trigger = "0";
    return {Path::Kind::timer, "t", "t.service", {}};
  }

  test::Scratch scratch;
  test::ScriptedSystemd systemd;
  RequestQueue queue = RequestQueue::open(scratch.path()).value();
  Request request;
  Bench bench{.queue = queue, .systemd = systemd, .processes = base::real_processes()};
};

TEST_F(ExerciseTest, TheEntrypointIsExercisedHere) {
  const Exercise done = run({Path::Kind::entrypoint, "e", {}, {}});
  ASSERT_TRUE(done.seen) << done.problem;
  EXPECT_EQ(done.seen->status, 0);
  EXPECT_TRUE(fs::is_empty(scratch / "witness")) << "the request is taken away";
}

TEST_F(ExerciseTest, CronIsExercisedAsCronRunsAJob) {
  EXPECT_THAT(run({Path::Kind::cron, "nobody-has-this-name", {}, {}}).problem,
              HasSubstr("there is no user nobody-has-this-name"));
  if (geteuid() != 0) GTEST_SKIP() << "only root becomes a crontab's user";
  const Exercise done = run({Path::Kind::cron, "root", {}, {}});
  ASSERT_TRUE(done.seen) << done.problem;
  EXPECT_EQ(done.seen->outside.path, "/usr/bin:/bin");
  EXPECT_EQ(done.seen->outside.view.facts.at("variable LOGNAME"), "root");
  EXPECT_FALSE(done.seen->outside.view.facts.contains("variable USER"));
}

TEST(Paths, CronHasOneForEachUser) {
  const auto paths = cron_paths({{"ci", ""}, {"root", "/bin/bash"}, {"ci", "/bin/sh"}});
  ASSERT_EQ(paths.size(), 2U);
  EXPECT_EQ(paths[0].request(), "cron-ci");
  EXPECT_EQ(paths[1].title(), "cron of root");
  EXPECT_EQ(paths[1].shell, "/bin/bash");
}

TEST_F(ExerciseTest, ARunnersTriggerMakesItsJobRun) {
  systemd.unit("r.service");
  const std::string probe = (scratch / "witness/runner-r/probe").native();
  const Exercise done = run(runner({"/bin/sh", probe}));
  EXPECT_TRUE(done.seen) << done.problem;
}

TEST_F(ExerciseTest, ARunnerThatCannotBeExercisedSaysWhy) {
  EXPECT_THAT(run(runner({})).problem, HasSubstr("no trigger is declared"));
  EXPECT_EQ(run(runner({"true"})).problem, "r.service is not-found");
  systemd.unit("r.service", "failed");
  EXPECT_EQ(run(runner({"true"})).problem, "r.service is failed");
  systemd.unit("r.service");
  const Exercise refused = run(runner({"/bin/sh", "-c", "echo one >&2; echo two >&2; exit 7"}));
  EXPECT_EQ(refused.problem, "its trigger ended with status 7: two");
  EXPECT_FALSE(refused.failed) << "unproven: nobody saw its job";
  systemd.unit("r.service").user = "nobody-has-this-name";
  EXPECT_THAT(run(runner({"true"})).problem, HasSubstr("the user of r.service does not exist"));
}

TEST_F(ExerciseTest, AJobThatNeverComesIsWaitedForUntilTheDeadline) {
  systemd.unit("r.service");
  bench.deadline = std::chrono::seconds(1);
  const Exercise done = run(runner({"true"}));
  EXPECT_EQ(done.problem, "no answer within 1 s");
  EXPECT_FALSE(done.failed);
}

TEST_F(ExerciseTest, ATimerAtWorkOrStoppedIsLeftAlone) {
  const Path path = timer();
  systemd.unit("t.service", "activating").fragment = (scratch / "t.service").native();
  EXPECT_THAT(run(path).problem, HasSubstr("t.service is at work"));
  timer();
  systemd.unit("t.timer", "inactive");
  EXPECT_EQ(run(path).problem, "t.timer is inactive");
  EXPECT_THAT(systemd.calls, testing::IsEmpty());
}

TEST_F(ExerciseTest, AFireThatDiesBeforeItsJobIsAFailureAndTakenBack) {
  const Path path = timer();
  systemd.before_show = [&] {
    if (systemd.calls.empty()) return;
    systemd.units["t.timer"].last_trigger = "17";
    systemd.units["t.service"].result = "exit-code";
    systemd.units["t.service"].exit_status = 203;
  };
  const Exercise done = run(path);
  EXPECT_EQ(done.problem, "t.service ended with exit-code, status 203, before its job began");
  EXPECT_TRUE(done.failed);
  EXPECT_TRUE(fs::is_empty(bench.runtime_units));
  EXPECT_THAT(systemd.calls,
              testing::ElementsAre("reload", "restart t.timer", "reload", "restart t.timer"));
}

TEST_F(ExerciseTest, AFireThatSystemdDoesNotStartIsNobodysFailure) {
  const Path path = timer();
  systemd.before_show = [&] {
    if (!systemd.calls.empty()) systemd.units["t.timer"].last_trigger = "17";
  };
  UnitState& service = systemd.unit("t.service", "inactive");
  service.condition = false;
  EXPECT_EQ(run(path).problem, "t.service was not started: a Condition…= is not met");
  EXPECT_FALSE(run(path).failed);
  service.condition = true;
  service.assertion = false;
  systemd.calls.clear();
  systemd.units["t.timer"].last_trigger = "0";
  const Exercise asserted = run(path);
  EXPECT_EQ(asserted.problem, "t.service was not started: an Assert…= is not met");
  EXPECT_TRUE(asserted.failed);
  service.assertion = true;
  service.result = "exec-condition";
  systemd.calls.clear();
  systemd.units["t.timer"].last_trigger = "0";
  EXPECT_EQ(run(path).problem, "t.service was not started: its ExecCondition= says no");
}

TEST_F(ExerciseTest, AFireThatWaitsForSomethingIsWaitedFor) {
  const Path path = timer();
  systemd.unit("t.service", "inactive").queued = true;
  systemd.before_show = [&] {
    if (!systemd.calls.empty()) systemd.units["t.timer"].last_trigger = "17";
  };
  bench.deadline = std::chrono::seconds(1);
  EXPECT_EQ(run(path).problem, "no answer within 1 s");
}

TEST_F(ExerciseTest, ATestThatDoesNotEndIsNotLeftRunning) {
  const Path path = timer();
  systemd.before_show = [&] {
    if (systemd.calls.empty()) return;
    systemd.units["t.timer"].last_trigger = "17";
    systemd.units["t.service"].active = "activating";
    fs::create_directories(scratch / "witness/timer-t/answer");
  };
  bench.deadline = std::chrono::seconds(1);
  EXPECT_EQ(run(path).problem, "no answer within 1 s");
  EXPECT_THAT(systemd.calls, testing::Contains("stop t.service"));
}

TEST_F(ExerciseTest, AnInterruptionEndsTheTestAndWhatComesAfter) {
  request.test = {"/bin/sh", "-c", ": >begun; exec sleep 1000"};
  bench.deadline = std::chrono::seconds(60);
  bench.interrupted = [&] { return fs::exists(scratch / "begun"); };
  EXPECT_EQ(run({Path::Kind::entrypoint, "e", {}, {}}).problem, "interrupted");
  EXPECT_EQ(run(timer()).problem, "interrupted");
  EXPECT_THAT(systemd.calls, testing::IsEmpty());
}

TEST_F(ExerciseTest, ARunnerThatEndsIsNotWaitedFor) {
  systemd.unit("r.service");
  bench.deadline = std::chrono::seconds(60);
  unsigned looks = 0;
  systemd.before_show = [&] {
    if (++looks > 1) systemd.unit("r.service", "failed");
  };
  EXPECT_EQ(run(runner({"true"})).problem, "r.service is failed since its job was asked for");
}

TEST_F(ExerciseTest, AToolThatSaysItsVersionForeverIsCutOff) {
  test::write_text(scratch / "endless", "#!/bin/sh\nyes 1.2.3\n");
  chmod((scratch / "endless").c_str(), 0755);
  test::write_text(scratch / "inside",
                   "#!/bin/sh\nPATH=$PATH:" + scratch.path().native() + " exec \"$@\"\n");
  request.tools = {"endless"};
  const Exercise done = run({Path::Kind::entrypoint, "e", {}, {}});
  ASSERT_TRUE(done.seen) << done.problem;
  EXPECT_THAT(done.seen->inside.versions.at("endless"), HasSubstr("1.2.3"));
}

TEST_F(ExerciseTest, WhatAKilledWitnessLeftIsCleared) {
  const fs::path directory = bench.runtime_units / "t.timer.d";
  fs::create_directories(directory);
  test::write_text(directory / drop_in_name, "[Timer]\n");
  test::write_text(directory / "other.conf", "[Timer]\n");
  fs::create_directories(bench.runtime_units / "stopped.timer.d");
  test::write_text(bench.runtime_units / "stopped.timer.d" / drop_in_name, "[Timer]\n");
  systemd.unit("t.timer");
  systemd.unit("stopped.timer", "inactive");
  ASSERT_TRUE(clear_fires(systemd, bench.runtime_units));
  EXPECT_FALSE(fs::exists(directory / drop_in_name));
  EXPECT_TRUE(fs::exists(directory / "other.conf")) << "somebody else's";
  EXPECT_THAT(systemd.calls, testing::ElementsAre("reload", "restart t.timer"))
      << "it has fired, and has no next time of its own";
  ASSERT_TRUE(clear_fires(systemd, bench.runtime_units));
  EXPECT_EQ(systemd.calls.size(), 2U) << "nothing was left";
  test::write_text(scratch / "no-directory", "");
  EXPECT_FALSE(clear_fires(systemd, scratch / "no-directory")) << "nobody knows what was left";
}

}  // namespace
}  // namespace ccci::witness
