// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/suspects.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "git/repository.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::sweep {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class SuspectsTest : public testing::Test {
 protected:
  SuspectsTest() {
    fs::create_directories(file_.parent_path());
    fs::create_directories(work_);
    git({"init", "-q"});
  }

  std::string git(std::vector<std::string> words) {
    words.insert(words.begin(), {"-c", "user.name=t", "-c", "user.email=t@example.org"});
    auto said = git::output(base::real_processes(), git::command(top_, std::move(words)));
    EXPECT_TRUE(said);
    return said ? said->substr(0, said->find('\n')) : std::string();
  }
  std::string commit(const std::string& text) {
    // Each commit changes the file, but perhaps not its environment.
    test::write_text(file_, text + "\n" + std::to_string(++commits_));
    git({"add", "--all"});
    git({"commit", "-q", "--allow-empty", "-m", text});
    return git({"rev-parse", "HEAD"});
  }
  Revisions open() { return Revisions::open(file_, work_, base::real_processes()).value(); }

  // The environment of a declaration is its first line, in this test.
  static base::Result<std::string> digest(const fs::path& file) {
    CCCI_TRY(std::string text, base::read_file(file, 1000));
    text.resize(text.find('\n'));
    if (text == "broken") return base::unexpected(base::fail("declare.syntax"));
    return text;
  }

  int commits_ = 0;
  test::Scratch scratch_;
  fs::path top_ = scratch_.path() / "project";
  fs::path file_ = top_ / "ci" / "cc-ci.toml";
  fs::path work_ = scratch_.path() / "work";
};

TEST_F(SuspectsTest, revisions_between_two_environments_are_named_once) {
  commit("before");
  commit("green");
  const std::string green = commit("green");
  commit("broken");
  const std::string between = commit("between");
  const std::string red = commit("red");
  commit("red");
  const auto found = open().since("green", "red", digest, "environment", base::silent()).value();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].commit, green);
  EXPECT_EQ(found[1], (Revision{between, "between", between}));
  EXPECT_EQ(found[2], (Revision{"", "red", red}));
}

TEST_F(SuspectsTest, an_environment_that_no_revision_has_is_said) {
  commit("one");
  EXPECT_THAT(open().since("green", "one", digest, "environment", base::silent()).value(),
              IsEmpty());
}

// A database of results may be written by others.
TEST_F(SuspectsTest, what_is_no_commit_is_no_word_for_git) {
  const std::string one = commit("one");
  const auto clone =
      git::Clone::make(top_.native(), work_ / "recipe", base::real_processes()).value();
  for (const char* hostile : {"--output=/tmp/x", "HEAD; id", "", "--all"}) {
    EXPECT_EQ(clone.commits_between(hostile, one).error().code, "git.remote") << hostile;
    EXPECT_EQ(clone.commits_between(one, hostile).error().code, "git.remote") << hostile;
    EXPECT_FALSE(clone.go_to(hostile)) << hostile;
  }
}

TEST_F(SuspectsTest, commits_between_are_those_of_the_first_line) {
  const std::string one = commit("one");
  const std::string two = commit("two");
  const std::string three = commit("three");
  const auto clone =
      git::Clone::make(top_.native(), work_ / "recipe", base::real_processes()).value();
  EXPECT_THAT(clone.commits_between(one, three).value(), ElementsAre(two, three));
  EXPECT_THAT(clone.commits_between(three, three).value(), IsEmpty());
  // A release that was taken back is no descendant: only itself can be tried.
  EXPECT_THAT(clone.commits_between(three, one).value(), ElementsAre(one));
}

}  // namespace
}  // namespace ccci::sweep
