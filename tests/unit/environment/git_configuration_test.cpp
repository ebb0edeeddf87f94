// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/git_configuration.hpp"

#include <gmock/gmock.h>

#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

Tree with(const std::vector<std::string>& files) {
  auto tree = Tree::merge({test::part("p", files)});
  EXPECT_TRUE(tree);
  if (!tree) return {};
  add_git_configuration(*tree);
  return *std::move(tree);
}

TEST(GitConfiguration, GitLfsIsInstalledForEverybody) {
  const Tree tree = with({"usr/bin/git*", "usr/bin/git-lfs*"});
  const Node* file = tree.find("etc/gitconfig");
  ASSERT_NE(file, nullptr);
  EXPECT_THAT(file->content, testing::HasSubstr("process = git-lfs filter-process"));
  EXPECT_EQ(with({"usr/bin/git*"}).find("etc/gitconfig"), nullptr);
}

TEST(GitConfiguration, APackagesOwnIsKept) {
  const Tree tree = with({"usr/bin/git-lfs*", "etc/gitconfig"});
  ASSERT_NE(tree.find("etc/gitconfig"), nullptr);
  EXPECT_EQ(tree.find("etc/gitconfig")->part, 0);
}

}  // namespace
}  // namespace ccci::environment
