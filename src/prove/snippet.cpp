// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/snippet.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "declare/document.hpp"

namespace ccci::prove {

namespace {

constexpr std::size_t longest_excerpt = 160;

}  // namespace

Lines::Lines(std::string_view text) : text_(text) {
  starts_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') starts_.push_back(i + 1);
}

std::string_view Lines::line(int number) const {
  if (number < 1 || static_cast<std::size_t>(number) > starts_.size()) return {};
  const auto index = static_cast<std::size_t>(number) - 1;
  const std::size_t from = starts_[index];
  const std::size_t to = index + 1 < starts_.size() ? starts_[index + 1] - 1 : text_.size();
  return text_.substr(from, to - from);
}

std::string Lines::excerpt(int number) const {
  const std::string_view whole = base::trim(line(number));
  std::string_view shown = whole.substr(0, longest_excerpt);
  // Does not cut a UTF-8 character in two.
  while (shown.size() < whole.size() && !shown.empty() &&
         (static_cast<unsigned char>(whole[shown.size()]) & 0xC0U) == 0x80U)
    shown.remove_suffix(1);
  std::string hidden(shown);
  declare::hide_credentials(hidden);
  return base::printable(hidden) + (shown.size() < whole.size() ? "…" : "");
}

Place Lines::place(std::size_t offset) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const auto index = static_cast<std::size_t>(after - starts_.begin()) - 1;
  return {static_cast<int>(index) + 1, static_cast<int>(offset - starts_[index]) + 1};
}

std::size_t Lines::offset(const Place& at) const {
  if (at.line < 1) return 0;
  const auto index = static_cast<std::size_t>(at.line) - 1;
  if (index >= starts_.size()) return text_.size();
  return std::min(text_.size(),
                  starts_[index] + static_cast<std::size_t>(std::max(at.column, 1)) - 1);
}

Snippet Snippet::whole(std::string_view text) {
  const Lines lines(text);
  return part(text, lines, 0, text.size());
}

Snippet Snippet::part(std::string_view text, const Lines& lines, std::size_t from, std::size_t to) {
  Snippet snippet;
  while (from < to) {
    const std::size_t end = std::min(to, text.find('\n', from));
    snippet.add(text.substr(from, end - from), lines.place(from), end < to ? "\n" : "");
    from = end + 1;
  }
  return snippet;
}

void Snippet::add(std::string_view piece, Place at, std::string_view glue) {
  pieces_.push_back({text_.size(), at});
  text_ += piece;
  text_ += glue;
}

void Snippet::append(const Snippet& other, std::size_t from, std::size_t to) {
  to = std::min(to, other.text_.size());
  if (from >= to) return;
  auto next = std::upper_bound(other.pieces_.begin(), other.pieces_.end(), from,
                               [](std::size_t value, const Piece& p) { return value < p.offset; });
  pieces_.push_back({text_.size(), other.place(from)});
  for (; next != other.pieces_.end() && next->offset < to; ++next)
    pieces_.push_back({text_.size() + next->offset - from, next->at});
  text_ += std::string_view(other.text_).substr(from, to - from);
}

Place Snippet::place(std::size_t offset) const {
  if (pieces_.empty()) return {};
  auto after = std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                                [](std::size_t value, const Piece& p) { return value < p.offset; });
  if (after != pieces_.begin()) --after;
  return {after->at.line, after->at.column + static_cast<int>(offset - after->offset)};
}

}  // namespace ccci::prove
