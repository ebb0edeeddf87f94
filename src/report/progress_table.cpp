// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/progress_table.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "report/width.hpp"

namespace ccci::report {

namespace {

constexpr std::chrono::milliseconds between_draws{100};
constexpr std::chrono::seconds between_lines{10};  // of one row, where there is no terminal

}  // namespace

ProgressTable::ProgressTable(Lines& lines, const Style& style, int verbosity, base::Clock& clock,
                             std::vector<std::string> names)
    : lines_(lines), style_(style), quiet_(verbosity < 0), clock_(clock) {
  for (std::string& name : names) {
    rows_.push_back({base::printable(name), "", "", {}});
    width_ = std::max(width_, width_of(rows_.back().name));
  }
}

ProgressTable::~ProgressTable() { erase(); }

void ProgressTable::step(std::size_t row, std::string_view what) {
  const std::scoped_lock lock(mutex_);
  Row& one = rows_.at(row);
  std::string text = base::printable(what);
  if (quiet_ || text == one.step) return;
  one.step = std::move(text);
  one.detail.clear();
  if (style_.terminal) {
    draw();
  } else {
    lines_.write(one.name + ": " + one.step + "\n");
    one.told = clock_.now();
  }
}

void ProgressTable::advance(std::size_t row, std::uint64_t done, std::uint64_t total) {
  const std::scoped_lock lock(mutex_);
  if (quiet_) return;
  Row& one = rows_.at(row);
  if (!style_.terminal && clock_.now() - one.told < between_lines) return;
  one.detail = base::human_bytes(done) + " of " + base::human_bytes(total);
  if (!style_.terminal) {
    lines_.write(one.name + ": " + one.step + " " + one.detail + "\n");
    one.told = clock_.now();
    return;
  }
  if (clock_.now() - last_ >= between_draws) draw();
}

std::string ProgressTable::line(const Row& row) const {
  std::string text = row.name + std::string(width_ - width_of(row.name) + 2, ' ') + row.step;
  if (!row.detail.empty()) text += "  " + row.detail;
  // Do not use the last column: some terminals would wrap the line and scroll.
  return cut(text, static_cast<std::size_t>(std::max(style_.columns, 2)) - 1);
}

void ProgressTable::draw() {
  std::string text = drawn_ == 0 ? "" : "\x1b[" + std::to_string(drawn_) + "A";
  for (const Row& row : rows_) text += "\r" + line(row) + "\x1b[K\n";
  lines_.write(text);
  drawn_ = rows_.size();
  last_ = clock_.now();
}

void ProgressTable::erase() {
  if (drawn_ == 0) return;
  lines_.write("\x1b[" + std::to_string(drawn_) + "A\r\x1b[J");
  drawn_ = 0;
}

}  // namespace ccci::report
