// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "base/text.hpp"

namespace ccci::base {
namespace {

std::string guess(std::string_view word, const std::vector<std::string>& candidates) {
  return likely(word, candidates);
}

TEST(Likely, OfEquallySimilarNamesTheOneWithTheSameBeginningIsMeant) {
  EXPECT_EQ(guess("curk", {"burk", "curl"}), "curl");
  EXPECT_EQ(guess("curk", {"curl", "burk"}), "curl");
  EXPECT_EQ(guess("git-lsf", {"xit-lsf", "git-lfs"}), "git-lfs");
}

TEST(Likely, NothingSimilarIsNoGuess) {
  EXPECT_EQ(guess("drone", {"drone-exec", "unit"}), "");
  EXPECT_EQ(guess("ab", {"xy"}), "");
}

}  // namespace
}  // namespace ccci::base
