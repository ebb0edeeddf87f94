// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/excerpt.hpp"

#include <algorithm>
#include <string_view>

#include "base/text.hpp"
#include "report/width.hpp"

namespace ccci::report {

namespace {

// A fixed width for tabs instead of tab stops, so that parts of a line can be rendered separately.
std::string shown(std::string_view text) {
  std::string line;
  bool first = true;
  for (const std::string_view part : base::split(text, '\t')) {
    if (!first) line += "    ";
    first = false;
    line += base::printable(part);
  }
  return line;
}

// Moves `offset` back to the start of its character.
std::size_t whole(std::string_view text, std::size_t offset) {
  while (offset > 0 && offset < text.size() &&
         (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80) {
    --offset;
  }
  return offset;
}

struct Parts {
  std::string before;
  std::string meant;
  std::string after;
};

Parts parts_of(const base::Position& position) {
  // Text this far from the carets is always cut. A line may be a megabyte long.
  constexpr std::size_t far = 1000;
  const std::string_view line = position.excerpt;
  const auto column = static_cast<std::size_t>(std::max(position.column, 1)) - 1;
  const std::size_t begin = whole(line, std::min(column, line.size()));
  const auto length = static_cast<std::size_t>(std::max(position.length, 1));
  const std::size_t end = whole(line, std::min(begin + std::min(length, far), line.size()));
  const std::size_t left = begin > far ? whole(line, begin - far) : 0;
  return {shown(line.substr(left, begin - left)), shown(line.substr(begin, end - begin)),
          shown(line.substr(end, whole(line, std::min(end + far, line.size())) - end))};
}

// The last `columns` of the text.
std::string_view ending(std::string_view text, std::size_t columns) {
  const std::size_t width = width_of(text);
  if (width <= columns) return text;
  std::string_view dropped = fitting(text, width - columns);
  // A wide character across the border is cut too.
  while (width_of(text.substr(dropped.size())) > columns) {
    dropped = fitting(text, width_of(dropped) + 1 + (columns == 0 ? 0 : 1));
  }
  return text.substr(dropped.size());
}

void cut_to(Parts& parts, std::size_t room) {
  if (width_of(parts.before + parts.meant + parts.after) <= room) return;
  parts.meant = cut(parts.meant, room);
  const std::size_t left = room - width_of(parts.meant);
  // Use two thirds of the space before the carets: the cause of a mistake is usually there.
  const std::size_t before = std::max(left * 2 / 3, left - std::min(left, width_of(parts.after)));
  if (width_of(parts.before) > before) {
    parts.before =
        before == 0 ? std::string() : "…" + std::string(ending(parts.before, before - 1));
  }
  parts.after = cut(parts.after, left - std::min(left, width_of(parts.before)));
}

}  // namespace

std::string excerpt(const base::Position& position, const Style& style) {
  if (position.excerpt.empty()) return {};
  const std::string number = position.line > 0 ? std::to_string(position.line) : std::string();
  const std::size_t gutter = std::max<std::size_t>(number.size(), 5);
  Parts parts = parts_of(position);
  cut_to(parts, static_cast<std::size_t>(std::max(style.columns, 20)) - gutter - 3);
  const std::size_t marks = std::max<std::size_t>(width_of(parts.meant), 1);
  std::string text = std::string(gutter - number.size(), ' ') + number + " | ";
  text += parts.before + parts.meant + parts.after + "\n";
  text += std::string(gutter, ' ') + " | " + std::string(width_of(parts.before), ' ');
  text += std::string(marks, '^') + "\n";
  return text;
}

}  // namespace ccci::report
