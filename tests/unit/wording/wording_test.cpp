// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "wording/message.hpp"
#include "wording/table.hpp"

namespace ccci::wording {
namespace {

TEST(Fill, KeepsABraceThatOpensNothing) {
  EXPECT_EQ(fill("{a} {", base::fail("x.y").with("a", "1")), "1 {");
}

// Every row of every table: what can be checked without knowing the error.
TEST(WordingTables, KeepToTheHouseStyle) {
  std::set<std::string_view> seen;
  for (const auto table : tables()) {
    for (const Row& row : table) {
      EXPECT_TRUE(seen.insert(row.code).second) << row.code << " has two rows";
      EXPECT_NE(row.code.find('.'), std::string_view::npos) << row.code;
      ASSERT_FALSE(row.message.empty()) << row.code;
      EXPECT_FALSE(row.message.ends_with('.')) << row.code;
      EXPECT_FALSE(row.message[0] >= 'A' && row.message[0] <= 'Z' && row.message[1] >= 'a' &&
                   row.message[1] <= 'z')
          << row.code << ": begins with a capital";
      EXPECT_EQ(row.message.find("\"{"), std::string_view::npos)
          << row.code << ": text of a user goes in single quotes";
      for (const std::string_view text :
           {row.message, row.hint, row.other_hint, row.notes[0], row.notes[1], row.notes[2]}) {
        EXPECT_EQ(std::count(text.begin(), text.end(), '{'),
                  std::count(text.begin(), text.end(), '}'))
            << row.code;
        EXPECT_EQ(text.find('\n'), std::string_view::npos) << row.code;
      }
    }
  }
}

TEST(OneLine, NamesTheCodeAndCountsTheOthers) {
  const base::Error gone = base::fail("base.open").with("path", "/x").with("cause", "gone");
  EXPECT_EQ(one_line(gone), message_of(gone) + " [base.open]");
  EXPECT_EQ(one_line(base::together({gone, gone, gone})),
            message_of(gone) + " [base.open] and 2 more");
  EXPECT_EQ(one_line(base::fail("nowhere.known")), "nowhere.known");
  EXPECT_EQ(placed_line(gone), one_line(gone));
  base::Error placed = gone;
  placed.where.push_back({"compose.yml", 2, 1, 1, "excerpt"});
  EXPECT_EQ(placed_line(placed), "compose.yml:2:1: " + message_of(gone) + " [base.open]");
  placed.where.front().line = 0;
  EXPECT_EQ(placed_line(placed), "compose.yml: " + message_of(gone) + " [base.open]");
}

}  // namespace
}  // namespace ccci::wording
