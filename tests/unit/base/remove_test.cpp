// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::base {
namespace {

TEST(RemoveTree, FollowsNoLink) {
  const test::Scratch scratch;
  std::filesystem::create_directories(scratch / "other");
  test::write_text(scratch / "other/data", "x");
  std::filesystem::create_directories(scratch / "tree/a");
  std::filesystem::create_symlink(scratch / "other", scratch / "tree/a/link");
  std::filesystem::create_symlink(scratch / "other", scratch / "link");
  EXPECT_TRUE(remove_tree(scratch / "tree"));
  EXPECT_TRUE(remove_tree(scratch / "link"));
  EXPECT_TRUE(remove_tree(scratch / "absent"));
  EXPECT_TRUE(remove_tree(scratch / "absent/below"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "tree"));
  EXPECT_EQ(test::read_text(scratch / "other/data"), "x");
}

TEST(RemoveTree, RemovesClosedDirectories) {
  const test::Scratch scratch;
  std::filesystem::create_directories(scratch / "tree/closed/below");
  chmod((scratch / "tree/closed").c_str(), 0);
  EXPECT_TRUE(remove_tree(scratch / "tree"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "tree"));
}

TEST(RemoveTree, NeedsFewDescriptorsForADeepTree) {
  const test::Scratch scratch;
  Fd at = open_path(scratch.path(), O_RDONLY | O_DIRECTORY).value();
  for (int level = 0; level < 3000; ++level) {
    ASSERT_EQ(mkdirat(at.get(), "deep", 0755), 0);
    at = Fd(openat(at.get(), "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(at);
  }
  at.reset();
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit few{80, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &few);
  const auto removed = remove_tree(scratch / "deep");
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(removed) << removed.error().field("path") << removed.error().field("cause");
  EXPECT_FALSE(std::filesystem::exists(scratch / "deep"));
}

}  // namespace
}  // namespace ccci::base
