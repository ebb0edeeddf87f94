// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/remote.hpp"

#include <gtest/gtest.h>

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
  EXPECT_NE(std::find(argv.begin(), argv.end(), "-oBatchMode=yes"), argv.end());
  Settings user("rooty");
  const auto through = Ssh::open("deploy@ci-1", user);
  ASSERT_TRUE(through);
  EXPECT_EQ(through->argv({"cc-ci"}).back(), "sudo -n -- cc-ci");
  EXPECT_EQ(Ssh::open("-oProxyCommand=id", root).error().code, "deploy.destination");
}

}  // namespace
}  // namespace ccci::deploy
