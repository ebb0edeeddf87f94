// SPDX-License-Identifier: GPL-3.0-or-later
// Plain text tables: two spaces between columns, no lines, no colour.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/style.hpp"

namespace ccci::report {

class Table {
 public:
  struct Column {
    std::string_view heading;  // if all are empty: no heading line
    enum class Align { left, right } align = Align::left;
    bool elastic = false;  // is cut first if the terminal is too narrow
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Cells are made printable; missing ones are empty.
  void row(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // The table. On a terminal, lines are cut to its width with an ellipsis; elsewhere they are
  // whole. Empty for a table without rows.
  std::string text(const Style& style) const;

 private:
  std::vector<std::size_t> widths(const Style& style) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace ccci::report
