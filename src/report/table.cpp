// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/table.hpp"

#include <algorithm>
#include <numeric>

#include "base/text.hpp"
#include "report/width.hpp"

namespace ccci::report {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 8;  // a narrower cell would show too little

std::string line_of(const std::vector<std::string>& cells,
                    const std::vector<Table::Column>& columns,
                    const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string cell = cut(cells[i], widths[i]);
    const std::string space(widths[i] - width_of(cell), ' ');
    if (i > 0) line += std::string(gap, ' ');
    line += columns[i].align == Table::Column::Align::right ? space + cell : cell + space;
  }
  const std::size_t end = line.find_last_not_of(' ');
  line.resize(end == std::string::npos ? 0 : end + 1);
  return line + "\n";
}

}  // namespace

void Table::row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = base::printable(cell);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths(const Style& style) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = width_of(columns_[i].heading);
    for (const auto& row : rows_) widest = std::max(widest, width_of(row[i]));
    widths.push_back(widest);
  }
  if (!style.terminal) return widths;
  const auto room = static_cast<std::size_t>(std::max(style.columns, 1));
  const auto too_wide = [&] {
    const std::size_t all = std::accumulate(widths.begin(), widths.end(), std::size_t{0}) +
                            gap * (widths.empty() ? 0 : widths.size() - 1);
    return all > room ? all - room : 0;
  };
  // Cut the elastic columns first. If that is not enough, cut the widest column.
  for (const bool elastic_only : {true, false}) {
    while (const std::size_t excess = too_wide()) {
      std::size_t* widest = nullptr;
      for (std::size_t i = 0; i < widths.size(); ++i) {
        if (elastic_only && !columns_[i].elastic) continue;
        if (widths[i] > narrowest && (widest == nullptr || widths[i] > *widest)) {
          widest = &widths[i];
        }
      }
      if (widest == nullptr) break;
      *widest -= std::min(excess, *widest - narrowest);
    }
  }
  return widths;
}

std::string Table::text(const Style& style) const {
  if (rows_.empty()) return {};
  const std::vector<std::size_t> columns = widths(style);
  std::string text;
  std::vector<std::string> headings;
  for (const Column& column : columns_) headings.emplace_back(column.heading);
  const bool named = std::ranges::any_of(headings, [](const auto& one) { return !one.empty(); });
  if (named) text += line_of(headings, columns_, columns);
  for (const auto& row : rows_) text += line_of(row, columns_, columns);
  return text;
}

}  // namespace ccci::report
