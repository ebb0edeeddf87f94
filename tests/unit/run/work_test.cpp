// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/work.hpp"

#include <gmock/gmock.h>

#include "tests/support/scratch.hpp"

namespace ccci::run {
namespace {

namespace fs = std::filesystem;

TEST(WorkTest, goes_with_the_run) {
  const test::Scratch scratch;
  fs::path place;
  {
    const auto work = Work::make(scratch / "runs", "run");
    ASSERT_TRUE(work);
    place = work->directory();
    EXPECT_TRUE(fs::exists(place));
    EXPECT_EQ(work->name().size(), std::string("run-123456").size());
  }
  EXPECT_FALSE(fs::exists(place));
}

TEST(WorkTest, the_next_start_removes_what_a_killed_run_left) {
  const test::Scratch scratch;
  const auto alive = Work::make(scratch / "runs", "run");
  ASSERT_TRUE(alive);
  fs::create_directories(scratch / "runs/run-dead00/head");
  const auto next = Work::make(scratch / "runs", "run");
  ASSERT_TRUE(next);
  EXPECT_FALSE(fs::exists(scratch / "runs/run-dead00"));
  EXPECT_TRUE(fs::exists(alive->directory()));
  EXPECT_NE(alive->name(), next->name());
}

}  // namespace
}  // namespace ccci::run
