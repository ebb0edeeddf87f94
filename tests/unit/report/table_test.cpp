// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/table.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/text.hpp"
#include "report/width.hpp"

namespace ccci::report {
namespace {

Table sample() {
  Table table({{.heading = "PACKAGE"},
               {.heading = "SIZE", .align = Table::Column::Align::right},
               {.heading = "WHY", .elastic = true}});
  table.row({"git", "7 MB", "tool git"});
  table.row({"日本", "120 MB", "needed by everything that there is in this environment"});
  return table;
}

TEST(Table, AlignsByColumnsAndNotByBytes) {
  EXPECT_EQ(sample().text({}),
            "PACKAGE    SIZE  WHY\n"
            "git        7 MB  tool git\n"
            "日本     120 MB  needed by everything that there is in this environment\n");
}

TEST(Table, CutsTheElasticColumnOnATerminalOnly) {
  EXPECT_EQ(sample().text({.terminal = true, .columns = 36}),
            "PACKAGE    SIZE  WHY\n"
            "git        7 MB  tool git\n"
            "日本     120 MB  needed by everythi…\n");
}

TEST(Table, FitsEveryTerminalThatIsNotAbsurd) {
  for (int columns = 30; columns < 90; ++columns) {
    const std::string text = sample().text({.terminal = true, .columns = columns});
    for (const auto line : base::split(text, '\n')) {
      EXPECT_LE(width_of(line), static_cast<std::size_t>(columns)) << text;
    }
  }
}

TEST(Table, LeavesOutTheHeadingWhereThereIsNone) {
  Table table({Table::Column{}, Table::Column{}});
  table.row({"a", "b"});
  table.row({"long"});
  EXPECT_EQ(table.text({}), "a     b\nlong\n");
}

TEST(Table, IsNothingWithoutRows) {
  EXPECT_EQ(Table({Table::Column{.heading = "A"}}).text({}), "");
}

TEST(Table, MakesCellsPrintable) {
  Table table({Table::Column{}});
  table.row({"a\x1b[2J\nb"});
  EXPECT_EQ(table.text({}), "a\\x1b[2J\\nb\n");
}

}  // namespace
}  // namespace ccci::report
