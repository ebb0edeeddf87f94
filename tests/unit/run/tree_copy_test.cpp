// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/tree_copy.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "tests/support/scratch.hpp"

namespace ccci::run {
namespace {

namespace fs = std::filesystem;

TEST(TreeCopy, has_files_directories_and_links_as_they_are) {
  const test::Scratch scratch;
  fs::create_directories(scratch / "from/tests/.git");
  fs::create_directories(scratch / "from/.git");
  test::write_text(scratch / "from/run.sh", "echo");
  fs::permissions(scratch / "from/run.sh", fs::perms::owner_all);
  fs::create_symlink("/etc/hostname", scratch / "from/tests/out");
  ASSERT_EQ(mkfifo((scratch / "from/fifo").c_str(), 0600), 0);
  const auto copied = copy_tree(scratch / "from", scratch / "to");
  ASSERT_TRUE(copied) << copied.error().code;
  EXPECT_EQ(test::read_text(scratch / "to/run.sh"), "echo");
  EXPECT_EQ(fs::status(scratch / "to/run.sh").permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::read_symlink(scratch / "to/tests/out"), "/etc/hostname");
  for (const char* none : {".git", "tests/.git", "fifo"})
    EXPECT_FALSE(fs::exists(scratch / "to" / none));
}

TEST(TreeCopy, is_bounded) {
  const test::Scratch scratch;
  fs::path deep = scratch / "from";
  for (int level = 0; level < 150; ++level) deep /= "d";
  fs::create_directories(deep);
  EXPECT_EQ(copy_tree(scratch / "from", scratch / "to").error().code, "run.large-recipe");
  fs::remove_all(scratch / "from");
  fs::create_directories(scratch / "from");
  test::write_text(scratch / "from/large", "");
  fs::resize_file(scratch / "from/large", 300U << 20U);
  EXPECT_EQ(copy_tree(scratch / "from", scratch / "to2").error().code, "run.large-recipe");
}

TEST(TreeCopy, does_not_take_a_directory_that_cannot_be_read_for_an_empty_one) {
  const test::Scratch scratch;
  EXPECT_FALSE(copy_tree(scratch / "absent", scratch / "to"));
  test::write_text(scratch / "from", "");
  EXPECT_FALSE(copy_tree(scratch / "from", scratch / "to"));
}

// The owner of the recipe exchanges a file for a link to a secret, again and again.
TEST(TreeCopy, follows_no_link_that_comes_meanwhile) {
  const test::Scratch scratch;
  fs::create_directories(scratch / "from");
  test::write_text(scratch / "secret", "hunter2");
  std::atomic<bool> ends = false;
  std::thread attacker([&] {
    while (!ends) {
      test::write_text(scratch / "file", "text");
      fs::rename(scratch / "file", scratch / "from/a");
      fs::create_symlink(scratch / "secret", scratch / "link");
      fs::rename(scratch / "link", scratch / "from/a");
    }
  });
  for (int round = 0; round < 500; ++round) {
    const fs::path to = scratch / ("to" + std::to_string(round));
    static_cast<void>(copy_tree(scratch / "from", to));
    if (fs::is_symlink(to / "a")) continue;
    EXPECT_NE(test::read_text(to / "a"), "hunter2");
  }
  ends = true;
  attacker.join();
}

}  // namespace
}  // namespace ccci::run
