// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>
#include <sstream>

#include "tests/unit/lock/lock_fixture.hpp"

namespace ccci::lock {
namespace {

using testing::HasSubstr;

std::string golden() {
  std::ostringstream content;
  content << std::ifstream(CCCI_SOURCE_DIR "/tests/golden/lock/cc-ci.lock").rdbuf();
  return content.str();
}

std::string code(std::string_view text) {
  const auto lock = read(text, "cc-ci.lock");
  return lock ? "read" : lock.error().code;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST(LockText, IsExactlyThis) { EXPECT_EQ(write(sample()), golden()); }

TEST(LockText, ReadsWhatItWrites) {
  const auto lock = read(golden(), "cc-ci.lock");
  ASSERT_TRUE(lock) << lock.error().code << lock.error().field("expected");
  EXPECT_EQ(*lock, sample());
  EXPECT_EQ(write(*lock), golden());
}

TEST(LockText, DoesNotDependOnTheOrderOfPackages) {
  Lock shuffled = sample();
  std::swap(shuffled.packages.front(), shuffled.packages.back());
  EXPECT_EQ(write(shuffled), golden());
}

TEST(LockText, CarriesAnyByte) {
  Lock lock = sample();
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  lock.packages[0].uri = bytes;
  lock.packages[0].version = " a b\n";
  lock.releases[0].date = "\\x41\ndigest";
  const auto again = read(write(lock), "cc-ci.lock");
  ASSERT_TRUE(again) << again.error().code;
  EXPECT_EQ(*again, lock);
}

TEST(LockText, EveryFlippedBitIsFound) {
  const std::string text = golden();
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const int bit : {1, 32, 128}) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(damaged[at] ^ bit);
      EXPECT_NE(code(damaged), "read") << "byte " << at << " bit " << bit;
    }
  }
}

TEST(LockText, EveryTruncationIsFound) {
  const std::string text = golden();
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_NE(code(std::string_view(text).substr(0, length)), "read") << length;
  }
  EXPECT_EQ(code(text + "\n"), "lock.damaged");
}

TEST(LockText, OtherLineEndingsAreNamedAsThat) {
  std::string text;
  for (const char c : golden()) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(code(text), "lock.line-endings");
}

TEST(LockText, DamageIsNamedWithBothDigestsAndThePlace) {
  const auto lock = read(replaced(golden(), "  size 1234", "  sise 1234"), "cc-ci.lock");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, "lock.damaged");
  EXPECT_EQ(lock.error().field("expected").size(), 12U);
  ASSERT_EQ(lock.error().where.size(), 1U);
  EXPECT_EQ(lock.error().where[0].excerpt, "  sise 1234");
}

TEST(LockText, ConflictMarkersAreNamedAsSuch) {
  const std::string text =
      replaced(golden(), "package git ", "<<<<<<< HEAD\npackage git 1\n=======\npackage git ");
  const auto lock = read(text, "cc-ci.lock");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, "lock.merge-conflict");
  EXPECT_EQ(lock.error().where.at(0).excerpt, "<<<<<<< HEAD");
}

TEST(LockText, ANewerFormatIsNamedBeforeItIsJudged) {
  EXPECT_EQ(code(replaced(golden(), "cc-ci-lock 1", "cc-ci-lock 5")), "lock.newer-format");
}

TEST(LockText, OnlyTheOneFormIsRead) {
  const std::string text = body(sample());
  EXPECT_EQ(code(sealed(text)), "read");
  for (const auto& [what, by] : std::vector<std::pair<std::string, std::string>>{
           {"  size 1234", "  size 01234"},
           {"  size 1234", "  size 99999999999999999999999"},
           {"  size 1234", "  size -1"},
           {"  size 1234", "  weight 1234"},
           {"  size 1234", "  size 1234\n  size 1234"},
           {"  sha256 " + digest('a'), "  sha256 abc"},
           {"  sha256 " + digest('a') + "\n", ""},
           {"  because tool git\n", ""},
           {"  because tool git", "  because package nothing"},
           {"  in shared\n", ""},
           {"package git 1:2.39.5-0+deb12u3 amd64", "package git 1 amd64 more"},
           {"package git 1:2.39.5-0+deb12u3 amd64", "package libc6 1 amd64"},
           {"package git 1:2.39.5-0+deb12u3 amd64", "package zzz 1 amd64"},
           {"abra 1.tar.gz", "abra\\x2 1.tar.gz"},
           {"abra 1.tar.gz", "abra\\x41 1.tar.gz"},
           {"\n\npackage git", "\npackage git"},
           {"architecture amd64\n", ""},
           {"  from archive", "  from somewhere"},
           {"  from debian bookworm main", "  from debian bookworm"},
           {"  date Sat", " date Sat"}}) {
    EXPECT_EQ(code(sealed(replaced(text, what, by))), "lock.syntax") << what << " -> " << by;
  }
}

TEST(LockText, ErrorsSayWhereAndWhatWasExpected) {
  const auto lock =
      read(sealed(replaced(body(sample()), "  size 1234", "  weight 1234")), "some/cc-ci.lock");
  ASSERT_FALSE(lock);
  ASSERT_EQ(lock.error().where.size(), 1U);
  EXPECT_EQ(lock.error().where[0].file, "some/cc-ci.lock");
  EXPECT_EQ(lock.error().where[0].excerpt, "  weight 1234");
  EXPECT_THAT(std::string(lock.error().field("expected")), HasSubstr("sha256, size"));
}

TEST(LockText, IsBounded) {
  const std::string long_line = "release " + std::string(largest_lock_line, 'x') + " y\n";
  EXPECT_EQ(code(sealed(replaced(body(sample()), "release ", long_line + "\nrelease "))),
            "lock.syntax");
  EXPECT_EQ(code(std::string(largest_lock + 1, 'x')), "lock.too-large");
}

}  // namespace
}  // namespace ccci::lock
