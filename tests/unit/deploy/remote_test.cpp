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

// What `ssh -G` says of a destination; nothing is run.
class Settings final : public base::ProcessRunner {
 public:
  explicit Settings(std::string user) : user_(std::move(user)) {}
  base::Result<base::Outcome> run(const base::Command& command) override {
    asked = command.argv;
    return base::Outcome{0, "host x\nuser " + user_ + "\nport 22\n", "", false, false};
  }
  std::vector<std::string> asked;

 private:
  std::string user_;
};

TEST(Ssh, RunsAsRootAndAsksNobody) {
  Settings root("root");
  const auto direct = Ssh::open("ci-1", root);
  ASSERT_TRUE(direct);
  EXPECT_EQ(root.asked, (std::vector<std::string>{"ssh", "-G", "--", "ci-1"}));
  const std::vector<std::string> argv = direct->argv({"cc-ci", "a b", "it's"});
  ASSERT_GE(argv.size(), 3U);
  EXPECT_EQ(argv.back(), "cc-ci 'a b' 'it'\\''s'");
  EXPECT_EQ(argv[argv.size() - 2], "ci-1");
  EXPECT_EQ(argv[argv.size() - 3], "--");
  for (const char* option : {"-oBatchMode=yes", "-oStrictHostKeyChecking=yes",
                             "-oRemoteCommand=none", "-oPermitLocalCommand=no"}) {
    EXPECT_NE(std::find(argv.begin(), argv.end(), option), argv.end()) << option;
  }
  Settings user("rooty");
  const auto through = Ssh::open("deploy@ci-1", user);
  ASSERT_TRUE(through);
  EXPECT_EQ(through->argv({"cc-ci"}).back(), "sudo -n -- cc-ci");
  EXPECT_EQ(Ssh::open("-oProxyCommand=id", root).error().code, "deploy.destination");
}

// A script as ssh, which gives the words to a shell.
class SshCommands : public ::testing::Test {
 protected:
  SshCommands() {
    const std::string before = getenv("PATH");
    before_ = before;
    test::write_text(scratch_ / "ssh",
                     "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nexec sh -c \"$3\"\n");
    std::filesystem::permissions(scratch_ / "ssh", std::filesystem::perms(0755));
    setenv("PATH", (scratch_.path().native() + ":" + before).c_str(), 1);
  }
  ~SshCommands() override { setenv("PATH", before_.c_str(), 1); }

  base::Outcome run(const std::string& script, std::chrono::seconds limit,
                    std::function<bool()> interrupted = {}) {
    Settings root("root");
    auto ssh = Ssh::open("ci-1", root, std::move(interrupted));
    return ssh.value().run({"sh", "-c", script}, limit).value();
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

TEST_F(SshCommands, EndInTimeAndWhenInterrupted) {
  const base::Outcome late = run("sleep 1000", std::chrono::seconds(1));
  EXPECT_EQ(late.status, no_connection);
  EXPECT_TRUE(late.timed_out);
  EXPECT_EQ(run("sleep 1000", std::chrono::seconds(60), [] { return true; }).status, no_connection);
}

}  // namespace
}  // namespace ccci::deploy
