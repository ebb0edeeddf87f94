// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/work.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

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

TEST(WorkTest, a_link_is_not_followed_and_nothing_behind_it_goes) {
  const test::Scratch scratch;
  fs::create_directories(scratch / "precious/data");
  fs::create_directory_symlink(scratch / "precious", scratch / "runs");
  EXPECT_FALSE(Work::make(scratch / "runs", "run"));
  EXPECT_TRUE(fs::exists(scratch / "precious/data"));
  fs::remove(scratch / "runs");
  fs::create_directories(scratch / "runs");
  fs::create_directory_symlink(scratch / "precious", scratch / "runs/run-linked");
  EXPECT_TRUE(Work::make(scratch / "runs", "run"));
  EXPECT_TRUE(fs::exists(scratch / "precious/data"));
}

TEST(WorkTest, a_directory_that_others_can_change_is_refused) {
  const test::Scratch scratch;
  fs::create_directories(scratch / "runs");
  fs::permissions(scratch / "runs", fs::perms::all);
  const auto refused = Work::make(scratch / "runs", "run");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "run.others");
  if (geteuid() != 0) return;
  fs::permissions(scratch / "runs", fs::perms::owner_all);
  ASSERT_EQ(chown((scratch / "runs").c_str(), 1234, 1234), 0);
  EXPECT_EQ(Work::make(scratch / "runs", "run").error().code, "run.others");
}

TEST(WorkTest, what_only_looks_has_a_new_directory_that_nobody_can_know) {
  const auto one = Work::temporary("look");
  const auto other = Work::temporary("look");
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->name(), other->name());
  EXPECT_EQ(fs::status(one->directory()).permissions(), fs::perms::owner_all);
  EXPECT_EQ(one->directory().parent_path(), fs::temp_directory_path());
}

}  // namespace
}  // namespace ccci::run
