// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/observe.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>

#include <fstream>
#include <thread>

#include "rig.hpp"

namespace ccci::gate {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Job script(const std::string& text, std::chrono::milliseconds limit = 60s) {
  Job job;
  job.argv = {"/bin/sh", "-eu", "-c", text};
  job.environment = {"PATH=/usr/bin:/bin", "MARK=1"};
  job.directory = "/";
  job.time_limit = limit;
  return job;
}

bool alive(const fs::path& pid_file) {
  const std::string text = slurp(pid_file);
  if (text.empty()) throw std::runtime_error("the check did not get as far as its child");
  return kill(std::stoi(text), 0) == 0;
}

TEST(Observe, TellsStatusAndBothStreams) {
  const auto seen = observe(script("printf out; printf err >&2; pwd; exit 7"));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->status, 7);
  EXPECT_EQ(seen->out.kept, "out/\n");
  EXPECT_EQ(seen->err.kept, "err");
  EXPECT_EQ(seen->out.total, 5U);
  EXPECT_FALSE(seen->timed_out);
  EXPECT_EQ(seen->left_running, 0U);
  EXPECT_EQ(seen->cause, "");
}

TEST(Observe, HandsOnNoVariableDescriptorOrInput) {
  ASSERT_EQ(setenv("CCCI_TEST_SECRET", "x", 1), 0);
  const int open_descriptor = open("/", O_RDONLY);  // without close-on-exec
  const auto seen = observe(script("env | sort; ls /proc/self/fd | wc -l; cat"));
  close(open_descriptor);
  // ls itself has one open: the directory.
  EXPECT_EQ(seen->out.kept, "MARK=1\nPATH=/usr/bin:/bin\nPWD=/\n4\n");
  EXPECT_EQ(seen->status, 0);
}

TEST(Observe, ASignalIsAStatus) { EXPECT_EQ(observe(script("kill -9 $$"))->status, 137); }

TEST(Observe, FindsTheProgramOnTheJobsPathOnly) {
  Job job = script("");
  job.argv = {"no-such-program"};
  EXPECT_THAT(observe(job)->cause, HasSubstr("not on PATH"));
  job.argv = {"printf", "%s", "x"};
  EXPECT_EQ(observe(job)->out.kept, "x");
  job.environment = {"PATH=/nowhere"};
  EXPECT_THAT(observe(job)->cause, HasSubstr("not on PATH"));
  job.argv = {"/etc/passwd"};
  EXPECT_THAT(observe(job)->cause, HasSubstr("permission denied"));
}

TEST(Observe, AHangingCheckEndsAtItsLimitWithAllItStarted) {
  const TemporaryDirectory home;
  // One in the group, one in a session of its own, one that forked twice and ignores SIGTERM.
  const std::string text = "cd " + home.path().native() +
                           "; sleep 1000 & echo $! >one"
                           "; setsid sh -c 'echo $$ >two; sleep 1000' &"
                           " (setsid sh -c 'trap \"\" TERM HUP; (sh -c \"echo \\$\\$ >three.tmp;"
                           " mv three.tmp three; exec sleep 1000\" &)' &)"
                           "; while ! test -s two || ! test -s three; do :; done; echo ready"
                           "; sleep 1000";
  const auto seen = observe(script(text, 3s));
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->timed_out);
  EXPECT_FALSE(seen->escaped);
  EXPECT_LT(seen->took, 30s);
  ASSERT_EQ(seen->out.kept, "ready\n");
  for (const char* name : {"one", "two", "three"}) {
    EXPECT_FALSE(alive(home.path() / name)) << name;
  }
}

TEST(Observe, WhatACheckLeavesBehindIsEndedAndCounted) {
  const TemporaryDirectory home;
  const auto seen =
      observe(script("cd " + home.path().native() +
                     "; setsid sh -c 'echo $$ >pid; exec sleep 1000' >/dev/null 2>&1 &"
                     " while ! test -s pid; do :; done"));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->status, 0);
  EXPECT_GE(seen->left_running, 1U);
  EXPECT_LT(seen->took, 30s);
  EXPECT_FALSE(alive(home.path() / "pid"));
}

TEST(Observe, AChildThatHoldsTheOutputOpenDoesNotHoldUsUp) {
  const auto seen = observe(script("sleep 1000 & echo done"));
  EXPECT_EQ(seen->out.kept, "done\n");
  EXPECT_LT(seen->took, 30s);
}

TEST(Observe, AGigabyteIsCountedAndNotKept) {
  Job job = script("head -c 1000000000 /dev/zero");
  job.keep = 4096;
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const auto seen = observe(job);
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  EXPECT_EQ(seen->out.total, 1000000000U);
  EXPECT_TRUE(seen->out.kept == std::string(4096, '\0'));
  EXPECT_TRUE(seen->out.truncated());
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 32 * 1024);
}

TEST(Observe, OutputWithoutEndIsEndedByTheLimit) {
  const auto seen = observe(script("yes", 1s));
  EXPECT_TRUE(seen->timed_out);
  EXPECT_LE(seen->out.kept.size(), 1U << 20U);
}

TEST(Observe, DiesWithUs) {
  const TemporaryDirectory home;
  const pid_t us = fork();
  if (us == 0) {
    (void)observe(
        script("cd " + home.path().native() + "; exec 9>lock; flock 9; echo $$ >pid; sleep 1000"));
    _exit(0);
  }
  // flock tells without waiting on a clock: the lock is free when the last holder has died.
  const fs::path pid = home.path() / "pid";
  while (slurp(pid).empty()) std::this_thread::yield();
  kill(us, SIGKILL);
  const base::Fd lock(open((home.path() / "lock").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(flock(lock.get(), LOCK_EX), 0);
}

}  // namespace
}  // namespace ccci::gate
