// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/excerpt.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/text.hpp"
#include "report/width.hpp"

namespace ccci::report {
namespace {

base::Position at(std::string line, int column, int length) {
  return {.file = "f", .line = 7, .column = column, .length = length, .excerpt = std::move(line)};
}

TEST(Excerpt, IsEmptyWithoutALine) { EXPECT_EQ(excerpt(at("", 1, 1), {}), ""); }

TEST(Excerpt, PutsCaretsUnderTheBytesMeant) {
  EXPECT_EQ(excerpt(at("a = b", 5, 1), {}), "    7 | a = b\n      |     ^\n");
}

TEST(Excerpt, WidensTheGutterForLongNumbers) {
  auto position = at("x", 1, 1);
  position.line = 1234567;
  EXPECT_EQ(excerpt(position, {}), "1234567 | x\n        | ^\n");
}

TEST(Excerpt, ShowsTabsAsFourColumns) {
  EXPECT_EQ(excerpt(at("\ta = b", 6, 1), {}), "    7 |     a = b\n      |         ^\n");
}

TEST(Excerpt, CountsColumnsAndNotBytes) {
  EXPECT_EQ(excerpt(at("é = 日本!", 6, 6), {}), "    7 | é = 日本!\n      |     ^^^^\n");
}

TEST(Excerpt, NeverCutsACharacterInHalf) {
  // Column and length point into the middle of 'é'.
  EXPECT_EQ(excerpt(at("aéb", 3, 1), {}), "    7 | aéb\n      |  ^\n");
}

TEST(Excerpt, SurvivesPositionsOutsideTheLine) {
  EXPECT_EQ(excerpt(at("ab", 99, 5), {}), "    7 | ab\n      |   ^\n");
  EXPECT_EQ(excerpt(at("ab", -4, -1), {}), "    7 | ab\n      | ^\n");
  EXPECT_EQ(excerpt(at("ab", 2, 2147483647), {}), "    7 | ab\n      |  ^\n");
}

TEST(Excerpt, EscapesAndStillPointsRight) {
  EXPECT_EQ(excerpt(at("a\x1b = b", 6, 1), {}), "    7 | a\\x1b = b\n      |         ^\n");
}

TEST(Excerpt, CutsALongLineAroundTheCarets) {
  const std::string line = std::string(5000, 'a') + "WRONG" + std::string(900'000, 'b');
  for (const int columns : {20, 33, 80, 200}) {
    const std::string text = excerpt(at(line, 5001, 5), {.columns = columns});
    const auto lines = base::split(text, '\n');
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_LE(width_of(lines[0]), static_cast<std::size_t>(columns));
    const std::size_t wrong = lines[0].find("WRONG");
    ASSERT_NE(wrong, std::string_view::npos) << text;
    EXPECT_EQ(width_of(lines[0].substr(0, wrong)), lines[1].find('^')) << text;
    EXPECT_NE(lines[0].find("…"), std::string_view::npos);
  }
}

TEST(Excerpt, CutsAMarkThatIsItselfTooLong) {
  const std::string text = excerpt(at(std::string(500, 'x'), 1, 500), {.columns = 40});
  for (const auto line : base::split(text, '\n')) EXPECT_LE(width_of(line), 40U) << text;
}

}  // namespace
}  // namespace ccci::report
