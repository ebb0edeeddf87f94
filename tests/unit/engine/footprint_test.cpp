// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/footprint.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch.hpp"

namespace ccci::engine {
namespace {

TEST(FootprintTest, group_is_the_containers_own) {
  EXPECT_EQ(group_of("0::/docker/abc\n", "abc"), "/docker/abc");
  EXPECT_EQ(group_of("12:pids:/x\n0::/system.slice/docker-abc.scope\n", "abc"),
            "/system.slice/docker-abc.scope");
  // The number means another process here.
  EXPECT_EQ(group_of("0::/system.slice/cron.service\n", "abc"), "");
  EXPECT_EQ(group_of("0::/../docker/abc\n", "abc"), "");
  EXPECT_EQ(group_of("4:memory:/docker/abc\n", "abc"), "");
  EXPECT_EQ(group_of("0::/docker\n", ""), "");
}

TEST(FootprintTest, bytes_are_those_on_the_disk) {
  const test::Scratch scratch;
  EXPECT_EQ(bytes_below(scratch.path() / "none"), 0U);
  std::filesystem::create_directory(scratch.path() / "a");
  test::write_text(scratch.path() / "a/b", std::string(100'000, 'x'));
  EXPECT_GE(bytes_below(scratch.path()), 100'000U);
  EXPECT_LT(bytes_below(scratch.path()), 400'000U);
}

}  // namespace
}  // namespace ccci::engine
