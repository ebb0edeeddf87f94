// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/remote.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "tests/support/parts.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::deploy {
namespace {

TEST(Conversation, SpeaksBothWaysAndKeepsWhatIsPrintedBeside) {
  auto talk = converse_with({"/bin/sh", "-c", "echo beside >&2; exec cat"});
  ASSERT_TRUE(talk);
  ASSERT_TRUE((*talk)->write("hello"));
  std::string text(5, '\0');
  for (std::size_t done = 0; done < text.size();) {
    const auto count = (*talk)->read(text.data() + done, text.size() - done);
    ASSERT_TRUE(count && *count > 0);
    done += *count;
  }
  EXPECT_EQ(text, "hello");
  const base::Outcome outcome = (*talk)->finish();
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "beside\n");
}

TEST(Conversation, TellsHowItEnded) {
  auto talk = converse_with({"/bin/sh", "-c", "head -c 1000000 /dev/zero >&2; exit 7"});
  ASSERT_TRUE(talk);
  char byte = 0;
  EXPECT_EQ((*talk)->read(&byte, 1).value(), 0U);
  const base::Outcome outcome = (*talk)->finish();
  EXPECT_EQ(outcome.status, 7);
  EXPECT_EQ(outcome.err.size(), 65536U);
  EXPECT_EQ(converse_with({"/nonexistent"}).error().code, "base.exec");
}

TEST(Conversation, WhatItLeavesBehindIsNotWaitedFor) {
  auto talk = converse_with(
      {"/bin/sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000 >/dev/null' & read -r line"});
  ASSERT_TRUE(talk);
  std::string number(16, '\0');
  const auto count = (*talk)->read(number.data(), number.size());
  ASSERT_TRUE(count);
  const int left = std::atoi(number.c_str());
  ASSERT_GT(left, 1);
  const auto begun = std::chrono::steady_clock::now();
  static_cast<void>((*talk)->finish());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(9));
  EXPECT_EQ(kill(left, SIGKILL), 0) << "it is still there";
}

TEST(Conversation, SilenceAndInterruptionEndItAtOnce) {
  const Patience silent{std::chrono::milliseconds(20), {}, false};
  const Patience interrupted{{}, [] { return true; }, false};
  for (const Patience& patience : {silent, interrupted}) {
    auto talk = converse_with({"/bin/sh", "-c", "trap '' TERM; sleep 1000"}, patience);
    ASSERT_TRUE(talk);
    char byte = 0;
    EXPECT_FALSE((*talk)->read(&byte, 1));
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ((*talk)->finish().status, 128 + SIGKILL);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
  }
}

TEST(Ssh, AsksNobody) {
  const auto direct = Ssh::open("ci-1");
  ASSERT_TRUE(direct);
  const std::vector<std::string> argv = direct->argv({"cc-ci", "a b", "it's"});
  ASSERT_GE(argv.size(), 3U);
  EXPECT_TRUE(argv.back().ends_with(" sh cc-ci 'a b' 'it'\\''s'")) << argv.back();
  EXPECT_EQ(argv[argv.size() - 2], "ci-1");
  EXPECT_EQ(argv[argv.size() - 3], "--");
  for (const char* option : {"-oBatchMode=yes", "-oStrictHostKeyChecking=yes",
                             "-oRemoteCommand=none", "-oPermitLocalCommand=no"}) {
    EXPECT_NE(std::find(argv.begin(), argv.end(), option), argv.end()) << option;
  }
  EXPECT_EQ(Ssh::open("-oProxyCommand=id").error().code, "deploy.destination");
}

// A script as ssh, which gives the words to a shell. `id` there says whose login it is.
class SshCommands : public ::testing::Test {
 protected:
  SshCommands() {
    const std::string before = getenv("PATH");
    before_ = before;
    program("ssh", "while [ \"$1\" != -- ]; do shift; done\nexec sh -c \"$3\"\n");
    program("id", "echo 0\n");
    setenv("PATH", (scratch_.path().native() + ":" + before).c_str(), 1);
  }
  ~SshCommands() override { setenv("PATH", before_.c_str(), 1); }

  base::Outcome run(const std::string& script, std::chrono::seconds limit,
                    std::function<bool()> interrupted = {}) {
    auto ssh = Ssh::open("ci-1", std::move(interrupted));
    return ssh.value().run({"sh", "-c", script, "it's"}, limit).value();
  }

  void program(const char* name, const std::string& script) {
    test::write_text(scratch_ / name, "#!/bin/sh\n" + script);
    std::filesystem::permissions(scratch_ / name, std::filesystem::perms(0755));
  }

 private:
  test::Scratch scratch_;
  std::string before_;
};

TEST_F(SshCommands, AreHeardToTheEnd) {
  const base::Outcome outcome =
      run("head -c 300000 /dev/zero; echo beside >&2; exit 7", std::chrono::seconds(60));
  EXPECT_EQ(outcome.status, 7);
  EXPECT_EQ(outcome.out, std::string(300'000, '\0'));
  EXPECT_EQ(outcome.err, "beside\n");
}

TEST_F(SshCommands, RunAsRoot) {
  program("sudo", "[ \"$1 $2\" = '-n --' ] && shift 2 && echo as root: && exec \"$@\"\n");
  EXPECT_EQ(run("echo \"$0\"", std::chrono::seconds(60)).out, "it's\n");
  program("id", "echo 1000\n");
  EXPECT_EQ(run("echo \"$0\"", std::chrono::seconds(60)).out, "as root:\nit's\n");
}

TEST_F(SshCommands, EndInTimeAndWhenInterrupted) {
  const base::Outcome late = run("sleep 1000", std::chrono::seconds(1));
  EXPECT_EQ(late.status, no_connection);
  EXPECT_TRUE(late.timed_out);
  EXPECT_EQ(run("sleep 1000", std::chrono::seconds(60), [] { return true; }).status, no_connection);
}

}  // namespace
}  // namespace ccci::deploy
