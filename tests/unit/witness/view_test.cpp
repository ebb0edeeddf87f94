// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "witness/view_rules.hpp"

namespace ccci::witness {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr std::string_view limits =
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max cpu time              unlimited            unlimited            seconds   \n"
    "Max open files            1024                 524288               files     \n";

constexpr std::string_view mounts =
    "20 1 0:20 / / rw,relatime shared:1 - ext4 /dev/sda rw\n"
    "31 20 0:20 /root/usr /usr rw,relatime - ext4 /dev/sda rw\n"
    "40 31 0:20 /store/usr /usr ro,nosuid,relatime - ext4 /dev/sda rw\n"
    "broken line\n";

View recorded() {
  View view;
  EXPECT_TRUE(take_view(view, "Uid", "\t0\t0\t0\t0"));
  EXPECT_TRUE(take_view(view, "Gid", "\t0\t0\t0\t0"));
  EXPECT_TRUE(take_view(view, "Groups", "\t100 27 1000 "));
  EXPECT_TRUE(take_view(view, "umask", "0022"));
  EXPECT_TRUE(take_view(view, "limits", limits));
  EXPECT_TRUE(take_view(view, "mounts", mounts));
  EXPECT_TRUE(take_view(view, "file./etc/gitconfig", "123 45"));
  EXPECT_TRUE(take_view(view, "owner./etc/passwd", "0"));
  EXPECT_TRUE(take_view(view, "variable.HOME", "/root"));
  EXPECT_TRUE(take_view(view, "variable.LANG", "C.UTF-8"));
  EXPECT_TRUE(take_view(view, "exported.HOME", ""));
  return view;
}

ExpectedView declared_view() {
  return {.language = "C.UTF-8", .unset = {"LD_PRELOAD"}, .mounts = {"/usr"}};
}

std::vector<std::string> check(const View& view, Path::Kind kind = Path::Kind::timer,
                               const std::optional<Account>& account = std::nullopt) {
  return check_view(declared_view(), kind, view, account, recorded(), "entrypoint x");
}

TEST(View, ReadsWhatTheKernelWrites) {
  const View view = recorded();
  EXPECT_EQ(view.facts.at("user"), "0");
  EXPECT_EQ(view.facts.at("groups"), "27 100 1000");
  EXPECT_EQ(view.facts.at("limit open files"), "1024, at most 524288");
  EXPECT_EQ(view.facts.at("limit cpu time"), "unlimited");
  EXPECT_EQ(view.facts.at("mount /usr"), "read-only") << "the mount on top counts";
  EXPECT_EQ(view.facts.at("mount /"), "writable");
  EXPECT_THAT(view.exported, ElementsAre("HOME"));
}

TEST(View, RefusesRecordsOfNoKind) {
  View view;
  EXPECT_FALSE(take_view(view, "colour", "red"));
  EXPECT_FALSE(take_view(view, "variable.", "x"));
}

TEST(ViewRules, AgreementIsSilent) { EXPECT_THAT(check(recorded()), IsEmpty()); }

TEST(ViewRules, NamesWhatReachesAJobAndShouldNot) {
  View view = recorded();
  view.exported.insert("LD_PRELOAD");
  view.facts["umask"] = "0077";
  view.facts["mount /usr"] = "writable";
  view.facts["owner /etc/passwd"] = "65534";
  view.facts["file /etc/gitconfig"] = "9 9";
  view.facts.erase("variable LANG");
  const auto lines = check(view);
  EXPECT_THAT(lines, Contains(HasSubstr("variable LD_PRELOAD: it reaches the job")));
  EXPECT_THAT(lines, Contains("umask: expected '0022', found '0077'"));
  EXPECT_THAT(lines, Contains("mount /usr: expected 'read-only', found 'writable'"));
  EXPECT_THAT(lines, Contains("owner /etc/passwd: expected '0', found '65534'"));
  EXPECT_THAT(lines, Contains("file /etc/gitconfig: '9 9' here, '123 45' through entrypoint x"));
  EXPECT_THAT(lines, Contains("variable LANG: expected 'C.UTF-8', found nothing"));
  EXPECT_EQ(lines.size(), 6U);
}

TEST(ViewRules, TheUsersHomeAndGroupsAreTheAccounts) {
  const Account account{
      .name = "root", .home = "/root", .shell = "/bin/sh", .group = "0", .groups = "0 27 55"};
  View view = recorded();
  view.facts["variable USER"] = "root";
  view.facts["variable LOGNAME"] = "root";
  view.facts["variable SHELL"] = "/bin/sh";
  EXPECT_THAT(check(view, Path::Kind::timer, account),
              ElementsAre("groups: the user is in group 55, the job is not"));
  view.facts["groups"] = "27 55";
  view.facts["variable HOME"] = "/tmp/step";
  EXPECT_THAT(check(view, Path::Kind::timer, account),
              ElementsAre("variable HOME: expected '/root', found '/tmp/step'"));
  EXPECT_THAT(check(view, Path::Kind::entrypoint, account), IsEmpty()) << "the caller's own";
  EXPECT_THAT(check(view, Path::Kind::runner, account), IsEmpty()) << "the engine's own";
  view.facts.erase("variable SHELL");
  EXPECT_THAT(check(view, Path::Kind::runner, account), IsEmpty()) << "engines leave it out";
  view.facts.erase("variable HOME");
  EXPECT_THAT(check(view, Path::Kind::runner, account),
              ElementsAre("variable HOME: expected '/root', found nothing"));
}

TEST(ViewRules, EveryDifferenceHasAReasonOrIsAFault) {
  View other = recorded();
  other.facts["limit open files"] = "99";
  other.facts["umask"] = "0077";
  other.facts["mount /srv"] = "writable";
  const auto found = differences({{"a", recorded()}, {"b", other}, {"c", recorded()}});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].fact, "limit open files");
  EXPECT_THAT(found[0].paths, Contains(Pair("1024, at most 524288", ElementsAre("a", "c"))));
  EXPECT_THAT(found[0].reason, HasSubstr("unit"));
  EXPECT_EQ(found[1].fact, "mount /srv");
  EXPECT_THAT(found[1].paths, Contains(Pair("", ElementsAre("a", "c"))));
  EXPECT_EQ(found[2].fact, "umask");
  EXPECT_EQ(found[2].reason, "");
}

}  // namespace
}  // namespace ccci::witness
