// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "learn/recorder.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::learn {
namespace {

const std::vector<std::string> search_path{"/usr/local/sbin", "/usr/bin", "/bin"};

class Follow : public testing::Test {
 protected:
  static Trace follow(const std::vector<std::string>& words) {
    learn::Run run;
    run.words = words;
    run.path_directories = search_path;
    auto result = trace(run);
    EXPECT_TRUE(result) << result.error().code << " " << result.error().field("cause");
    return result ? *result : Trace{};
  }
  static Trace shell(const std::string& script) { return follow({"/bin/sh", "-c", script}); }

  static const Seen* find(const Trace& trace, Act act, std::string_view file) {
    const auto found = std::find_if(trace.seen.begin(), trace.seen.end(), [&](const Seen& seen) {
      return seen.act == act && seen.path.ends_with(file);
    });
    return found == trace.seen.end() ? nullptr : &*found;
  }
};

TEST_F(Follow, GivesTheCommandsStatus) {
  EXPECT_EQ(shell("exit 0").status, 0);
  EXPECT_EQ(shell("exit 7").status, 7);
  EXPECT_EQ(shell("kill -TERM $$").status, 128 + SIGTERM);
  EXPECT_EQ(shell("kill -KILL $$").status, 128 + SIGKILL);
}

TEST_F(Follow, SeesProgramsAndTheirCommandLines) {
  const Trace seen = shell("PATH=/usr/bin; ls /none 2>/dev/null 'two words'; /usr/bin/env true");
  const Seen* list = find(seen, Act::exec, "/usr/bin/ls");
  ASSERT_NE(list, nullptr);
  EXPECT_TRUE(list->by_name);
  EXPECT_EQ(list->command, "ls /none 'two words'");
  EXPECT_THAT(list->by, testing::StartsWith("/bin/sh -c "));
  const Seen* env = find(seen, Act::exec, "/usr/bin/env");
  ASSERT_NE(env, nullptr);
  EXPECT_FALSE(env->by_name);
  // env itself executes true, from the same process.
  const Seen* last = find(seen, Act::exec, "/true");
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->by, "/usr/bin/env true");
}

TEST_F(Follow, KeepsEachThingOnce) {
  const Trace seen = shell("for i in 1 2 3 4 5; do /usr/bin/env true; done");
  EXPECT_EQ(seen.programs, 11U);
  EXPECT_EQ(std::count_if(
                seen.seen.begin(), seen.seen.end(),
                [](const Seen& one) { return one.act == Act::exec && one.path == "/usr/bin/env"; }),
            1);
}

TEST_F(Follow, SeesASearchInVain) {
  const Trace seen = shell("PATH=/usr/local/sbin:/usr/bin:/bin; command -v no-such-command");
  for (const std::string& directory : search_path) {
    const Seen* lookup = find(seen, Act::lookup, directory + "/no-such-command");
    ASSERT_NE(lookup, nullptr) << directory;
    EXPECT_FALSE(lookup->found);
  }
}

TEST_F(Follow, SeesAnExecutionThatFails) {
  const Trace seen = shell("exec /usr/bin/no-such-program");
  const Seen* attempt = find(seen, Act::exec, "/usr/bin/no-such-program");
  ASSERT_NE(attempt, nullptr);
  EXPECT_FALSE(attempt->found);
  EXPECT_EQ(attempt->command, "/usr/bin/no-such-program");
}

TEST_F(Follow, SeesTheInterpreterOfAScript) {
  const test::Scratch scratch;
  const std::string script = (scratch.path() / "script").string();
  std::ofstream(script) << "#! /bin/sh -e\nexit 4\n";
  chmod(script.c_str(), 0755);
  const Trace seen = follow({script});
  EXPECT_EQ(seen.status, 4);
  ASSERT_NE(find(seen, Act::exec, script), nullptr);
  const Seen* shell = find(seen, Act::exec, "/bin/sh");
  ASSERT_NE(shell, nullptr);
  EXPECT_EQ(shell->path, "/bin/sh");
  EXPECT_FALSE(shell->by_name);
}

TEST_F(Follow, SeesWhatIsOpenedFromAnyDirectory) {
  const Trace seen = shell("cd /usr/share && cat ../bin/env >/dev/null; : </proc/self/stat");
  const Seen* file = find(seen, Act::open, "/usr/bin/env");
  ASSERT_NE(file, nullptr);
  EXPECT_TRUE(file->found);
  EXPECT_EQ(find(seen, Act::open, "stat"), nullptr);
}

TEST_F(Follow, FollowsWhatLeavesItsSession) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  // The grandchild runs on only when its parent has long ended: it reads what is written then.
  static int left = 0;
  static int write_end = -1;
  left = 0;
  write_end = ends[1];
  learn::Run run;
  run.words = {"/bin/sh", "-c",
               "setsid sh -c 'read x </proc/self/fd/" + std::to_string(ends[0]) +
                   "; /usr/bin/env true' & exit 9"};
  run.path_directories = search_path;
  run.left_behind = [](std::size_t processes) {
    left = static_cast<int>(processes);
    [[maybe_unused]] const ssize_t count = write(write_end, "x\n", 2);
  };
  const auto seen = trace(run);
  close(ends[0]);
  close(ends[1]);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->status, 9);
  EXPECT_GE(left, 1);
  EXPECT_NE(find(*seen, Act::exec, "/usr/bin/env"), nullptr);
}

TEST_F(Follow, PassesSignalsOnToTheCommand) {
  const pid_t self = getpid();
  const Trace seen =
      shell("trap 'exit 42' TERM; kill -TERM " + std::to_string(self) + "; while :; do :; done");
  EXPECT_EQ(seen.status, 42);
}

TEST_F(Follow, LetsAStoppedCommandGoOn) {
  const Trace seen = follow({"/usr/bin/python3", "-c",
                             "import os, signal, subprocess, sys\n"
                             "child = subprocess.Popen(['sh', '-c', 'kill -STOP $$; exit 3'])\n"
                             "assert os.WIFSTOPPED(os.waitpid(child.pid, os.WUNTRACED)[1])\n"
                             "os.kill(child.pid, signal.SIGCONT)\n"
                             "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]))\n"});
  EXPECT_EQ(seen.status, 3);
}

TEST_F(Follow, SurvivesThreadsThatExecute) {
  const Trace seen = follow({"/usr/bin/python3", "-c",
                             "import os, threading\n"
                             "t = threading.Thread(target=lambda: os.execv('/bin/sh', "
                             "['sh', '-c', '/usr/bin/env true; exit 5']))\n"
                             "t.start(); t.join()"});
  EXPECT_EQ(seen.status, 5);
  const Seen* env = find(seen, Act::exec, "/usr/bin/env");
  ASSERT_NE(env, nullptr);
  EXPECT_THAT(env->by, testing::StartsWith("sh -c"));
}

TEST_F(Follow, LeavesStandardInputToTheCommand) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int before = dup(STDIN_FILENO);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  ASSERT_EQ(write(ends[1], "17\n", 3), 3);
  close(ends[1]);
  const Trace seen = shell("read status; exit $status");
  dup2(before, STDIN_FILENO);
  close(before);
  EXPECT_EQ(seen.status, 17);
}

TEST_F(Follow, SaysWhatCannotBeExecuted) {
  learn::Run run;
  run.words = {"no-such-program-anywhere"};
  const auto result = trace(run);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "learn.start");
  EXPECT_EQ(result.error().field("command"), "no-such-program-anywhere");
}

TEST(Recorder, KeepsOnlyWhatTells) {
  Recorder recorder({"/usr/bin/"});
  EXPECT_TRUE(recorder.wants(Act::lookup, "/usr/bin/x", false));
  EXPECT_FALSE(recorder.wants(Act::lookup, "/usr/share/x", false));
  EXPECT_FALSE(recorder.wants(Act::lookup, "/usr/bin/", false));
  EXPECT_FALSE(recorder.wants(Act::open, "/home/me/x", false));
  EXPECT_FALSE(recorder.wants(Act::open, "/proc/1/stat", false));
  recorder.add({Act::open, "/usr/lib/none", false, false, "", ""});
  EXPECT_TRUE(recorder.seen().empty());
  recorder.add({Act::exec, "/usr/bin/x", false, true, "first", ""});
  recorder.add({Act::exec, "/usr/bin/x", false, true, "second", ""});
  recorder.add({Act::exec, "/usr/bin/x", true, true, "third", ""});
  ASSERT_EQ(recorder.seen().size(), 2U);
  EXPECT_EQ(recorder.seen()[0].command, "first");
  EXPECT_FALSE(recorder.wants(Act::exec, "/usr/bin/x", true));
}

TEST(Recorder, StaysSmall) {
  Recorder recorder({}, 3);
  for (int i = 0; i < 10; ++i) {
    recorder.add({Act::open, "/usr/lib/" + std::to_string(i), true, false, "", ""});
  }
  EXPECT_EQ(recorder.seen().size(), 3U);
  EXPECT_TRUE(recorder.truncated());
}

}  // namespace
}  // namespace ccci::learn
