// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/parent_directory.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/scratch.hpp"

namespace ccci::base {
namespace {

namespace fs = std::filesystem;

class ParentDirectoryTest : public testing::Test {
 protected:
  ParentDirectoryTest() {
    fs::create_directories(scratch_ / "root/a/b");
    fs::create_directories(scratch_ / "outside");
    root_ = Fd(open((scratch_ / "root").c_str(), O_RDONLY | O_DIRECTORY));
  }
  // Makes a directory at the path; the cause if that is refused.
  std::error_condition make(ParentDirectory& parents, const std::string& path) const {
    auto at = parents.of(path);
    if (!at) {
      for (const auto cause : {std::errc::too_many_symbolic_link_levels, std::errc::not_a_directory,
                               std::errc::no_such_file_or_directory}) {
        if (at.error().is(cause)) return std::make_error_condition(cause);
      }
      return std::make_error_condition(std::errc::io_error);
    }
    EXPECT_EQ(mkdirat(at->directory, at->name.c_str(), 0755), 0) << path;
    return {};
  }
  test::Scratch scratch_;
  Fd root_;
};

TEST_F(ParentDirectoryTest, OpensTheParent) {
  ParentDirectory parents(root_.get());
  EXPECT_FALSE(make(parents, "x"));
  EXPECT_FALSE(make(parents, "a/b/x"));
  EXPECT_FALSE(make(parents, "a/b/y"));
  EXPECT_FALSE(make(parents, "a/b/y/z"));
  for (const char* path : {"x", "a/b/x", "a/b/y/z"}) {
    EXPECT_TRUE(fs::is_directory(scratch_ / "root" / path)) << path;
  }
  EXPECT_EQ(make(parents, "none/x"), std::errc::no_such_file_or_directory);
}

TEST_F(ParentDirectoryTest, FollowsNoLink) {
  fs::create_symlink(scratch_ / "outside", scratch_ / "root/out");
  fs::create_symlink("a", scratch_ / "root/within");
  test::write_text(scratch_ / "root/file", "");
  ParentDirectory parents(root_.get());
  EXPECT_EQ(make(parents, "out/x"), std::errc::too_many_symbolic_link_levels);
  EXPECT_EQ(make(parents, "within/b/x"), std::errc::too_many_symbolic_link_levels);
  EXPECT_EQ(make(parents, "file/x"), std::errc::not_a_directory);
  EXPECT_NE(make(parents, "../outside/x"), std::error_condition());
  EXPECT_TRUE(fs::is_empty(scratch_ / "outside"));
}

}  // namespace
}  // namespace ccci::base
