// SPDX-License-Identifier: GPL-3.0-or-later
#include "git/remote.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace ccci::git
