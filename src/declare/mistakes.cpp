// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/mistakes.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ccci::declare {

base::Error Mistakes::together(const Lines& lines) && {
  std::stable_sort(found_.begin(), found_.end(), [](const Mistake& a, const Mistake& b) {
    return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
  });
  std::vector<base::Error> errors;
  for (Mistake& mistake : found_) {
    if (errors.size() == most_mistakes) {
      const std::size_t rest = found_.size() - most_mistakes;
      errors.push_back(base::fail("declare.more").with("mistakes", base::counted(rest, "mistake")));
      break;
    }
    mistake.error.where.push_back(lines.at(mistake.at));
    if (mistake.secret) mistake.error.where.back().excerpt.clear();
    if (mistake.has_first) mistake.error.where.push_back(lines.at(mistake.first));
    errors.push_back(std::move(mistake.error));
  }
  return base::together(std::move(errors));
}

std::string shown(std::string_view text) {
  constexpr std::size_t enough = 80;
  std::string piece(text.substr(0, 4 * enough));
  hide_credentials(piece);
  const bool cut = piece.size() > enough || text.size() > piece.size();
  if (piece.size() > enough) {
    std::size_t end = enough;
    while (end > 0 && (static_cast<unsigned char>(piece[end]) & 0xC0U) == 0x80) --end;
    piece.resize(end);
  }
  return base::printable(piece) + (cut ? "…" : "");
}

}  // namespace ccci::declare
