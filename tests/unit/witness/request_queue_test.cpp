// SPDX-License-Identifier: GPL-3.0-or-later
// The queue with its real probe, run by this machine's /bin/sh.
#include "witness/request_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <fstream>

#include "base/process.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::witness {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class DeskTest : public testing::Test {
 protected:
  DeskTest() {
    program("bin/tool", "#!/bin/sh\necho \"tool 1.0\"; echo more\n");
    program("inside",
            "#!/bin/sh\nCC_CI_ENVIRONMENT=e1 PATH=" + path("bin") + ":$PATH exec \"$@\"\n");
    program("test", "#!/bin/sh\necho \"in $PWD with $*\"\nexit 4\n");
    fs::create_directory(path("project"));
    request.name = "timer-nightly";
    request.test = {path("test"), "a  b", "$HOME"};
    request.directory = path("project");
    request.inside = path("inside");
    request.tools = {"tool", "absent"};
    request.commands = {"tool", "cat"};
    request.variables = {"GIVEN", "NOT_GIVEN"};
    request.expires = std::time(nullptr) + 60;
    request.uid = getuid();
    request.gid = getgid();
  }

  std::string path(const std::string& name) const { return (scratch.path() / name).native(); }

  void program(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(path(name)).parent_path());
    std::ofstream(path(name)) << text;
    chmod(path(name).c_str(), 0755);
  }

  base::Outcome job(const std::string& probe, std::vector<std::string> rest = {}) const {
    base::Command command;
    command.argv = {"/bin/sh", probe};
    command.argv.insert(command.argv.end(), rest.begin(), rest.end());
    command.environment = {{"PATH=/usr/bin:/bin", "GIVEN=two\nlines"}};
    return base::real_processes().run(command).value();
  }

  test::Scratch scratch;
  Request request;
};

TEST_F(DeskTest, AJobAnswersWithWhatItSaw) {
  RequestQueue queue = RequestQueue::open(scratch.path()).value();
  const std::string probe = queue.ask(request).value();
  EXPECT_FALSE(queue.answered("timer-nightly"));
  EXPECT_EQ(job(probe).status, 4) << "the job ends as its test did";
  ASSERT_TRUE(queue.answered("timer-nightly"));
  const auto answer = queue.collect("timer-nightly");
  ASSERT_TRUE(answer) << answer.error().code;
  EXPECT_EQ(answer->seen.status, 4);
  EXPECT_EQ(answer->output, "in " + path("project") + " with a  b $HOME\n");
  EXPECT_EQ(answer->seen.outside.path, "/usr/bin:/bin");
  EXPECT_EQ(answer->seen.outside.environment, "");
  EXPECT_EQ(answer->seen.outside.commands.at("tool"), "");
  EXPECT_EQ(answer->seen.inside.environment, "e1");
  EXPECT_EQ(answer->seen.inside.commands.at("tool"), path("bin/tool"));
  EXPECT_EQ(answer->seen.inside.commands.at("cat"), "/usr/bin/cat");
  EXPECT_EQ(answer->seen.inside.versions.at("tool"), "tool 1.0");
  EXPECT_THAT(answer->seen.inside.versions.at("absent"), HasSubstr("status 127"));
  EXPECT_EQ(answer->seen.inside.variables.at("GIVEN"), "two\nlines");
  EXPECT_FALSE(answer->seen.inside.variables.contains("NOT_GIVEN"));
}

// Some tools say © or (c). A job's own language would make two versions of one.
TEST_F(DeskTest, AVersionDoesNotDependOnTheLanguageOfTheJob) {
  program("bin/tool",
          "#!/bin/sh\ncase $LC_ALL$LANGUAGE in C) echo 'tool 1.0 (c)' ;; *) echo 'tool 1.0 ©' ;; "
          "esac\n");
  RequestQueue queue = RequestQueue::open(scratch.path()).value();
  for (const char* language : {"LC_ALL=de_DE.UTF-8", "LANGUAGE=de"}) {
    base::Command command;
    command.argv = {"/bin/sh", queue.ask(request).value()};
    command.environment = {{"PATH=/usr/bin:/bin", language}};
    ASSERT_TRUE(base::real_processes().run(command));
    const auto answer = queue.collect("timer-nightly");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->seen.inside.versions.at("tool"), "tool 1.0 (c)") << language;
    EXPECT_TRUE(queue.withdraw("timer-nightly"));
  }
}

TEST_F(DeskTest, OnlyTheFirstJobTakesTheRequest) {
  RequestQueue queue = RequestQueue::open(scratch.path()).value();
  const std::string probe = queue.ask(request).value();
  job(probe);
  const base::Outcome real = job(probe, {"/bin/sh", "-c", "echo the real job; exit 7"});
  EXPECT_EQ(real.status, 7);
  EXPECT_EQ(real.out, "the real job\n");
  EXPECT_EQ(job(probe).status, 1) << "asked of nothing, with nothing to do instead";
}

TEST_F(DeskTest, WhoeverComesTooLateDoesItsOwnJob) {
  RequestQueue queue = RequestQueue::open(scratch.path()).value();
  request.expires = std::time(nullptr) - 1;
  const std::string probe = queue.ask(request).value();
  EXPECT_EQ(job(probe, {"/bin/sh", "-c", "echo real"}).out, "real\n");
  EXPECT_FALSE(queue.answered("timer-nightly"));
}

TEST_F(DeskTest, AfterTheWitnessWasKilledAJobDoesItsOwn) {
  const pid_t witness = fork();
  if (witness == 0) {
    _exit(RequestQueue::open(scratch.path()).value().ask(request) ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(witness, &status, 0), witness);
  ASSERT_EQ(status, 0);
  const RequestQueue queue = RequestQueue::open(scratch.path()).value();
  const std::string probe = path("witness/timer-nightly/probe");
  EXPECT_EQ(job(probe, {"/bin/sh", "-c", "echo real"}).out, "real\n");
  EXPECT_FALSE(queue.begun("timer-nightly"));
}

TEST_F(DeskTest, WhileTheWitnessLivesATimersJobTakesTheRequest) {
  RequestQueue queue = RequestQueue::open(scratch.path()).value();
  const std::string probe = queue.ask(request).value();
  EXPECT_EQ(job(probe, {"/bin/sh", "-c", "echo real"}).out, "");
  EXPECT_TRUE(queue.answered("timer-nightly"));
}

TEST_F(DeskTest, AnAnswerThatIsALinkIsNotFollowed) {
  RequestQueue queue = RequestQueue::open(scratch.path()).value();
  job(queue.ask(request).value());
  const fs::path inside = scratch.path() / "witness/timer-nightly/answer/inside";
  fs::remove(inside);
  fs::create_symlink("/etc/shadow", inside);
  EXPECT_FALSE(queue.collect("timer-nightly"));
  fs::remove(inside);
  ASSERT_EQ(mkfifo(inside.c_str(), 0644), 0);
  EXPECT_FALSE(queue.collect("timer-nightly")) << "and a pipe is not waited for";
}

TEST_F(DeskTest, WithdrawingAndClearingLeaveNothing) {
  RequestQueue queue = RequestQueue::open(scratch.path()).value();
  job(queue.ask(request).value());
  EXPECT_TRUE(queue.withdraw("timer-nightly"));
  EXPECT_TRUE(queue.withdraw("timer-nightly"));
  EXPECT_TRUE(fs::is_empty(scratch.path() / "witness"));
  ASSERT_TRUE(queue.ask(request));
  ASSERT_TRUE(RequestQueue::open(scratch.path()).value().clear());
  EXPECT_TRUE(fs::is_empty(scratch.path() / "witness"));
}

}  // namespace
}  // namespace ccci::witness
