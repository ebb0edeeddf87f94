// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/version.hpp"

#include <gmock/gmock.h>

#include "recipe/history.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::recipe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

git::Tag tag(const std::string& name, const std::string& commit = "c", bool annotated = true) {
  return {name, annotated, commit};
}

std::vector<std::string> names(const std::vector<Release>& releases) {
  std::vector<std::string> out;
  for (const Release& release : releases) out.push_back(release.tag);
  return out;
}

TEST(Version, SortsSemanticallyThenByTheApp) {
  const Releases all = releases({tag("1.2.0+1.0"), tag("1.10.0+1.0"), tag("1.9.0+v2"),
                                 tag("1.9.0+v10"), tag("2.0.0-rc.1+v1"), tag("2.0.0+v1"),
                                 tag("2.0.0-rc.10+v1"), tag("0.9.9+99-fpm-alpine-amd64")});
  EXPECT_THAT(names(all.usable),
              ElementsAre("2.0.0+v1", "2.0.0-rc.10+v1", "2.0.0-rc.1+v1", "1.10.0+1.0", "1.9.0+v10",
                          "1.9.0+v2", "1.2.0+1.0", "0.9.9+99-fpm-alpine-amd64"));
  EXPECT_THAT(all.unusable, IsEmpty());
}

TEST(Version, IgnoresTagsThatAreNoVersionWithAReason) {
  using Why = NoVersion;
  const Releases all =
      releases({tag("v1.2.3"), tag("v1.2.3+1"), tag("1.2.3"), tag("1.2+3"), tag("latest"),
                tag("1.2.3+"), tag("1.2.3+a b"), tag("01.2.3+a"), tag("1.2.3+4", "c", false),
                tag("99999999999999999999.0.0+1"), tag("1.2.3.4+5"), tag("")});
  EXPECT_THAT(all.usable, IsEmpty());
  std::vector<Why> why;
  for (const UnusableTag& unusable : all.unusable) why.push_back(unusable.why);
  EXPECT_THAT(
      why, ElementsAre(Why::leading_v, Why::leading_v, Why::no_app, Why::not_semantic,
                       Why::not_semantic, Why::no_app, Why::no_app, Why::not_semantic,
                       Why::lightweight, Why::not_semantic, Why::not_semantic, Why::not_semantic));
  for (const Why reasonless : why) EXPECT_NE(reason(reasonless), "");
}

TEST(Version, UpgradesBeginAtTheNewestReleaseBeforeTheCommit) {
  const std::vector<git::Tag> all{tag("1.0.0+a", "one"), tag("1.1.0+a", "two"),
                                  tag("2.0.0+a", "three"), tag("3.0.0+a", "elsewhere")};
  const std::vector<git::Tag> merged{all[0], all[1], all[2]};
  const Releases released = releases(all);
  EXPECT_THAT(names(upgrade_bases(released, merged, "head")),
              ElementsAre("2.0.0+a", "1.1.0+a", "1.0.0+a"));
  // Never onto itself.
  EXPECT_THAT(names(upgrade_bases(released, merged, "three")), ElementsAre("1.1.0+a", "1.0.0+a"));
  // A release of an older series that was made later.
  const std::vector<git::Tag> later{tag("2.0.0+a", "x"), tag("1.5.0+a", "y")};
  EXPECT_THAT(names(upgrade_bases(releases(later), later, "y")), IsEmpty());
  EXPECT_THAT(names(upgrade_bases(releases({}), {}, "head")), IsEmpty());
}

class Histories : public testing::Test {
 protected:
  void run(std::vector<std::string> words) {
    words.insert(words.begin(), {"-c", "user.name=t", "-c", "user.email=t@example.org"});
    ASSERT_TRUE(git::output(base::real_processes(), git::command(top_, words)));
  }
  void commit(const std::string& text) {
    test::write_text(top_ / "compose.yml", text);
    run({"add", "."});
    run({"commit", "-q", "-m", text});
  }
  std::optional<History> history() {
    return read_history(*Folder::open(top_), base::real_processes()).value();
  }

  test::Scratch scratch_;
  std::filesystem::path top_ = std::filesystem::canonical(scratch_.path());
};

TEST_F(Histories, KnowsTagsAndThoseBeforeTheCommit) {
  EXPECT_FALSE(history());
  run({"init", "-q", "-b", "main"});
  EXPECT_FALSE(history());
  commit("one");
  run({"tag", "-a", "-m", "x", "1.0.0+a"});
  run({"tag", "0.9.0+a"});
  commit("two");
  run({"checkout", "-q", "-b", "side", "HEAD~1"});
  commit("side");
  run({"tag", "-a", "-m", "x", "1.1.0+a"});
  run({"checkout", "-q", "main"});
  const auto known = history();
  ASSERT_TRUE(known);
  EXPECT_FALSE(known->dirty);
  EXPECT_EQ(known->tags.size(), 3U);
  const Releases released = releases(known->tags);
  EXPECT_THAT(names(released.usable), ElementsAre("1.1.0+a", "1.0.0+a"));
  EXPECT_EQ(released.usable[1].commit.size(), 40U);
  EXPECT_THAT(released.unusable, ElementsAre(UnusableTag{"0.9.0+a", NoVersion::lightweight}));
  EXPECT_THAT(names(upgrade_bases(released, known->ancestors, known->commit)),
              ElementsAre("1.0.0+a"));
  test::write_text(top_ / "compose.yml", "changed");
  EXPECT_TRUE(history()->dirty);
}

// A filter of the repository's own configuration would be a program of the recipe's author.
TEST_F(Histories, ReadingTagsRunsNoFilter) {
  run({"init", "-q"});
  commit("one");
  run({"tag", "-a", "-m", "x", "1.0.0+a"});
  test::write_text(top_ / ".gitattributes", "* filter=evil\n");
  run({"config", "filter.evil.clean", "touch " + (top_ / "ran").native() + "; cat"});
  test::write_text(top_ / "compose.yml", "two");
  EXPECT_EQ(read_tags(*Folder::open(top_), base::real_processes()).value()->size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(top_ / "ran"));
}

TEST_F(Histories, ADirectoryOfAnotherRepositoryHasNone) {
  run({"init", "-q"});
  commit("one");
  std::filesystem::create_directory(top_ / "below");
  EXPECT_FALSE(read_history(*Folder::open(top_ / "below"), base::real_processes()).value());
}

}  // namespace
}  // namespace ccci::recipe
