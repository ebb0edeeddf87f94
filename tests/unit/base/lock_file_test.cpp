// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/lock_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::base {
namespace {

class Notes final : public Progress {
 public:
  void begin(std::string_view, std::uint64_t, Unit) override {}
  void advance(std::uint64_t, std::string_view) override {}
  void end() override {}
  void note(std::string_view text) override { text_ += std::string(text) + "\n"; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class LockFile : public testing::Test {
 protected:
  Fd open(const std::string& name = "lock") const {
    return open_lock_file(directory_.get(), name).value();
  }
  unsigned mode(const std::string& name) const {
    struct stat status {};
    fstatat(directory_.get(), name.c_str(), &status, 0);
    return status.st_mode & 0777U;
  }
  const test::Scratch scratch_;
  const Fd directory_ = open_path(scratch_.path(), O_RDONLY | O_DIRECTORY).value();
};

TEST_F(LockFile, OnlyTheOwnerCanOpenIt) {
  open();
  EXPECT_EQ(mode("lock"), 0600U);
  test::write_text(scratch_ / "old", "");
  chmod((scratch_ / "old").c_str(), 0644);
  open("old");
  EXPECT_EQ(mode("old"), 0600U);
}

TEST_F(LockFile, IsARegularFile) {
  ASSERT_EQ(mkfifo((scratch_ / "fifo").c_str(), 0600), 0);
  std::filesystem::create_symlink(scratch_ / "elsewhere", scratch_ / "link");
  EXPECT_FALSE(open_lock_file(directory_.get(), "fifo"));
  EXPECT_FALSE(open_lock_file(directory_.get(), "link"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "elsewhere"));
}

TEST_F(LockFile, AWaitEndsAndNamesTheHolder) {
  const Fd one = open();
  const Fd other = open();
  Notes notes;
  ASSERT_TRUE(take_lock(one.get(), LockMode::exclusive, {"lock", notes}));
  EXPECT_EQ(notes.text(), "");
  EXPECT_FALSE(try_lock(other.get(), LockMode::shared));
  const auto waited = take_lock(other.get(), LockMode::shared,
                                {"lock of x", notes, std::chrono::milliseconds(450)});
  ASSERT_FALSE(waited);
  EXPECT_TRUE(waited.error().is(Condition::busy));
  const std::string me = "process " + std::to_string(getpid());
  EXPECT_TRUE(waited.error().field("holder").starts_with(me)) << waited.error().field("holder");
  EXPECT_TRUE(notes.text().starts_with("waiting for " + me)) << notes.text();
  EXPECT_NE(notes.text().find("which holds the lock of x\n"), std::string::npos) << notes.text();
}

}  // namespace
}  // namespace ccci::base
