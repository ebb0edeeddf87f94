// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch.hpp"

namespace ccci::base {
namespace {

TEST(MakeDirectories, MakesAllThatAreMissing) {
  const test::Scratch scratch;
  EXPECT_TRUE(make_directories(scratch / "a/b/c"));
  EXPECT_TRUE(make_directories(scratch / "a/b/c"));
  EXPECT_TRUE(std::filesystem::is_directory(scratch / "a/b/c"));
}

// The parent is there, and mkdir says ENOENT all the same.
TEST(MakeDirectories, EndsBelowProc) {
  EXPECT_EQ(make_directories("/proc/none").error().code, "base.mkdir");
  EXPECT_EQ(make_directories("/proc/none/below").error().code, "base.mkdir");
}

}  // namespace
}  // namespace ccci::base
