// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/width.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ccci::report {
namespace {

using testing::ElementsAre;

TEST(Width, CountsColumns) {
  EXPECT_EQ(width_of(""), 0U);
  EXPECT_EQ(width_of("git-lfs"), 7U);
  EXPECT_EQ(width_of("é"), 1U);
  EXPECT_EQ(width_of("e\u0301"), 1U);
  EXPECT_EQ(width_of("日本"), 4U);
  EXPECT_EQ(width_of("🚀"), 2U);
  EXPECT_EQ(width_of("\xff\xc3"), 2U);
}

TEST(Width, FittingKeepsCharactersWhole) {
  EXPECT_EQ(fitting("abc", 2), "ab");
  EXPECT_EQ(fitting("日本", 3), "日");
  EXPECT_EQ(fitting("e\u0301x", 1), "e\u0301");
  EXPECT_EQ(fitting("abc", 9), "abc");
}

TEST(Width, CutEndsInAnEllipsisOnlyWhereSomethingIsMissing) {
  EXPECT_EQ(cut("abcdef", 6), "abcdef");
  EXPECT_EQ(cut("abcdef", 4), "abc…");
  EXPECT_EQ(cut("日本語", 4), "日…");
  EXPECT_EQ(cut("abc", 0), "");
}

TEST(Width, WrapBreaksAtSpacesOnly) {
  EXPECT_THAT(wrap("one two  three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("immeasurable a", 4), ElementsAre("immeasurable", "a"));
  EXPECT_THAT(wrap("", 4), ElementsAre());
}

}  // namespace
}  // namespace ccci::report
