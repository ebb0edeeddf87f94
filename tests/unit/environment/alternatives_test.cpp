// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/alternatives.hpp"

#include <gmock/gmock.h>

#include <set>

namespace ccci::environment {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* mawk = R"(
if [ "$1" = "configure" ] || [ "$1" = "abort-upgrade" ]; then
        update-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5 \
            --slave /usr/share/man/man1/awk.1.gz awk.1.gz /usr/share/man/man1/mawk.1.gz \
            --slave /usr/bin/nawk nawk /usr/bin/mawk
fi
)";

TEST(MergedPath, MovesTopDirectoriesBelowUsr) {
  EXPECT_EQ(merged_path("/bin/more"), "usr/bin/more");
  EXPECT_EQ(merged_path("/usr/bin//awk"), "usr/bin/awk");
  EXPECT_EQ(merged_path("/etc/x"), "etc/x");
  EXPECT_EQ(merged_path("/library/x"), "library/x");
}

TEST(MergedPath, RefusesWhatLeadsOut) {
  EXPECT_EQ(merged_path("/usr/../../x"), "");
  EXPECT_EQ(merged_path("usr/bin/awk"), "");
}

TEST(Alternatives, ReadsACandidateWithItsSlaves) {
  const Candidates read = read_alternatives(mawk, "mawk");
  ASSERT_EQ(read.found.size(), 1U);
  EXPECT_EQ(read.found[0].link, "usr/bin/awk");
  EXPECT_EQ(read.found[0].target, "usr/bin/mawk");
  EXPECT_EQ(read.found[0].priority, 5);
  EXPECT_THAT(read.found[0].slaves,
              ElementsAre(Candidate::Slave{"usr/share/man/man1/awk.1.gz", "awk.1.gz",
                                           "usr/share/man/man1/mawk.1.gz"},
                          Candidate::Slave{"usr/bin/nawk", "nawk", "usr/bin/mawk"}));
}

TEST(Alternatives, NamesCallsItCannotFollowAndPassesOverOthers) {
  const Candidates read = read_alternatives(
      "update-alternatives --install /usr/bin/x x $1 5\nupdate-alternatives --remove x /usr/bin/y",
      "p");
  EXPECT_THAT(read.found, IsEmpty());
  EXPECT_THAT(read.unresolved, ElementsAre("update-alternatives --install /usr/bin/x x $1 5"));
}

TEST(Alternatives, TakesTheHighestPriorityWhoseProgramIsThere) {
  std::vector<Candidate> candidates = read_alternatives(mawk, "mawk").found;
  candidates.push_back({"gawk", "usr/bin/awk", "awk", "usr/bin/gawk", 10, {}});
  const std::set<std::string> both{"usr/bin/mawk", "usr/bin/gawk"};
  const auto winner =
      choose(candidates, [&](const std::string& path) { return both.contains(path); });
  EXPECT_THAT(winner, ElementsAre(Alternative{"usr/bin/awk", "awk", "usr/bin/gawk", "gawk"}));

  const auto only_mawk =
      choose(candidates, [](const std::string& path) { return path == "usr/bin/mawk"; });
  EXPECT_THAT(only_mawk, ElementsAre(Alternative{"usr/bin/awk", "awk", "usr/bin/mawk", "mawk"},
                                     Alternative{"usr/bin/nawk", "nawk", "usr/bin/mawk", "mawk"}));
}

TEST(Alternatives, TheProgramMayBeAnotherAlternative) {
  const Candidate outer{"meta", "usr/bin/editor", "editor", "usr/bin/ed21", 40, {}};
  const Candidate inner{"mule", "usr/bin/ed21", "ed21", "usr/bin/ed21-mule", 70, {}};
  const Candidate lesser{"nano", "usr/bin/editor", "editor", "usr/bin/nano", 30, {}};
  const std::set<std::string> files{"usr/bin/ed21-mule", "usr/bin/nano"};
  const auto there = [&](const std::string& path) { return files.contains(path); };
  EXPECT_THAT(choose({outer, inner, lesser}, there),
              ElementsAre(Alternative{"usr/bin/ed21", "ed21", "usr/bin/ed21-mule", "mule"},
                          Alternative{"usr/bin/editor", "editor", "usr/bin/ed21", "meta"}));
  EXPECT_THAT(choose({outer, lesser}, there),
              ElementsAre(Alternative{"usr/bin/editor", "editor", "usr/bin/nano", "nano"}));
  const Candidate loop{"x", "usr/bin/ed21", "ed21", "usr/bin/editor", 1, {}};
  EXPECT_TRUE(choose({outer, loop}, there).empty());
}

TEST(Alternatives, EqualPrioritiesDoNotDependOnOrder) {
  const Candidate a{"a", "usr/bin/x", "x", "usr/bin/xa", 5, {}};
  const Candidate b{"b", "usr/bin/x", "x", "usr/bin/xb", 5, {}};
  const auto yes = [](const std::string&) { return true; };
  EXPECT_EQ(choose({a, b}, yes), choose({b, a}, yes));
  EXPECT_EQ(choose({a, b}, yes).front().package, "a");
}

}  // namespace
}  // namespace ccci::environment
