// SPDX-License-Identifier: GPL-3.0-or-later
#include "git/remote.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch.hpp"

namespace ccci::git {
namespace {

TEST(RemoteRefsTest, an_annotated_tag_has_its_commit) {
  const RemoteRefs refs = read_remote_refs(
      "aa\tHEAD\naa\trefs/heads/main\nbb\trefs/heads/next\n"
      "cc\trefs/tags/1.0.0+1\naa\trefs/tags/1.0.0+1^{}\ndd\trefs/tags/light\nbroken line\n",
      "");
  EXPECT_EQ(refs.head, "aa");
  EXPECT_EQ(refs.tags, (std::vector<Tag>{{"1.0.0+1", true, "aa"}, {"light", false, "dd"}}));
}

TEST(RemoteRefsTest, the_head_of_a_branch_that_was_asked_for) {
  const char* text = "aa\tHEAD\naa\trefs/heads/main\nbb\trefs/heads/next\n";
  EXPECT_EQ(read_remote_refs(text, "next").head, "bb");
  EXPECT_EQ(read_remote_refs(text, "absent").head, "");
}

TEST(RemoteTest, only_the_object_tells_what_a_tag_leads_to) {
  const test::Scratch scratch;
  const auto git = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"-c", "user.name=t", "-c", "user.email=t@example.org"});
    ASSERT_TRUE(output(base::real_processes(), command(scratch.path(), std::move(words))));
  };
  test::write_text(scratch / "file", "content");
  git({"init", "--quiet"});
  git({"add", "file"});
  git({"commit", "--quiet", "-m", "one"});
  git({"tag", "-a", "1.0.0+1", "-m", "x"});
  git({"tag", "-a", "1.1.0+1", "-m", "x", "HEAD^{tree}"});
  git({"tag", "-a", "1.2.0+1", "-m", "x", "HEAD:file"});
  git({"tag", "-a", "1.3.0+1", "-m", "x", "1.0.0+1"});
  const std::string settings = scratch / "gitconfig";
  int copies = 0;
  const auto leads = [&](const std::string& tag) {
    return leads_to_commit(scratch.path(), tag, scratch / ("copy" + std::to_string(++copies)),
                           settings, base::real_processes());
  };
  EXPECT_TRUE(leads("1.0.0+1").value());
  EXPECT_FALSE(leads("1.1.0+1").value());
  EXPECT_FALSE(leads("1.2.0+1").value());
  EXPECT_TRUE(leads("1.3.0+1").value());
  EXPECT_EQ(leads("9.9.9+1").error().code, "git.remote");

  EXPECT_FALSE(is_shallow(scratch.path(), settings, base::real_processes()));
  const std::string clone = scratch / "clone";
  git({"clone", "--quiet", "--depth=1", "file://" + scratch.path().native(), clone});
  EXPECT_TRUE(is_shallow(clone, settings, base::real_processes()));
  EXPECT_FALSE(is_shallow(scratch / "none", settings, base::real_processes()));
}

}  // namespace
}  // namespace ccci::git
