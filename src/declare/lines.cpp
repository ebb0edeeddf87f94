// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <utility>

#include "declare/document.hpp"

namespace ccci::declare {

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::table:
      return "a table";
    case Kind::list:
      return "a list";
    case Kind::text:
      return "a string";
    case Kind::integer:
      return "an integer";
    case Kind::real:
      return "a number";
    case Kind::boolean:
      return "a boolean";
    case Kind::date:
      break;
  }
  return "a date or time";
}

namespace {

constexpr std::size_t longest_excerpt = 1024;
constexpr std::size_t block = 1024;  // bytes; the search for a code point scans at most one block
constexpr std::string_view cut_mark = "…";

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

// Cuts `line` to a window around the position, and adjusts the column.
std::string window(std::string_view line, base::Position& position, std::size_t size) {
  const auto column = std::min(static_cast<std::size_t>(position.column - 1), line.size());
  std::size_t begin = column - std::min(column, size / 4);
  std::size_t end = std::min(line.size(), begin + size);
  while (begin > 0 && begin < line.size() && continues(line[begin])) --begin;
  while (end < line.size() && continues(line[end])) --end;
  std::string text(line.substr(begin, end - begin));
  position.column -= static_cast<int>(begin);
  if (end < line.size()) text += cut_mark;
  if (begin > 0) {
    text.insert(0, cut_mark);
    position.column += static_cast<int>(cut_mark.size());
  }
  const int room = static_cast<int>(text.size()) - position.column + 1;
  position.length = std::max(1, std::min(position.length, room));
  return text;
}

}  // namespace

void hide_credentials(std::string& text) {
  constexpr std::string_view mark = "://";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const std::size_t begin = at + mark.size();
    const std::size_t stop = std::min(text.find_first_of("\"' \t", begin), text.size());
    const std::size_t end = std::string_view(text).substr(0, stop).rfind('@');
    if (end == std::string::npos || end <= begin) continue;
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(begin),
              text.begin() + static_cast<std::ptrdiff_t>(end), '*');
  }
}

Lines::Lines(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {
  starts_.push_back(0);
  std::size_t points = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at % block == 0) points_before_.push_back(points);
    if (!continues(text[at])) ++points;
    if (text[at] == '\n') starts_.push_back(at + 1);
  }
}

std::string_view Lines::line(int number) const {
  const auto index = static_cast<std::size_t>(std::max(number, 1)) - 1;
  if (index >= starts_.size()) return {};
  const std::size_t end = std::min(text_.find('\n', starts_[index]), text_.size());
  std::string_view line = text_.substr(starts_[index], end - starts_[index]);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

int Lines::byte_column(int number, int column) const {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  const std::string_view text = line(number);
  if (text.empty()) return 1;
  const auto begin = static_cast<std::size_t>(text.data() - text_.data());
  const bool marked = begin == 0 && text.starts_with(byte_order_mark);
  // The number of the code point to find, counted from the start of the text.
  std::size_t wanted = points_before_[begin / block] + static_cast<std::size_t>(column - 1);
  for (std::size_t at = begin / block * block; at < begin; ++at) wanted += !continues(text_[at]);
  if (marked) ++wanted;
  const auto after = std::upper_bound(points_before_.begin(), points_before_.end(), wanted);
  const auto index = static_cast<std::size_t>(after - points_before_.begin()) - 1;
  std::size_t at = index * block;
  std::size_t points = points_before_[index];
  const std::size_t end = begin + text.size();
  for (; at < end; ++at) {
    if (continues(text_[at])) continue;
    if (points == wanted) break;
    ++points;
  }
  return static_cast<int>(std::min(at, end) - begin) + 1;
}

base::Position Lines::at(Span span) const {
  base::Position position{file_, span.line, span.column, span.length, {}};
  const std::string_view whole = line(span.line);
  if (whole.size() <= longest_excerpt) {
    position.excerpt = whole;
    hide_credentials(position.excerpt);
    return position;
  }
  // First cut a larger piece, so that a secret cannot begin to the left of the searched text.
  std::string piece = window(whole, position, 8 * longest_excerpt);
  hide_credentials(piece);
  position.excerpt =
      piece.size() > longest_excerpt ? window(piece, position, longest_excerpt) : piece;
  return position;
}

}  // namespace ccci::declare
