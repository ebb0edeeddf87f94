// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/utf8.hpp"

#include <algorithm>

namespace ccci::recipe {

namespace {

constexpr char32_t largest_character = 0x10FFFF;
constexpr char32_t first_surrogate = 0xD800;
constexpr char32_t last_surrogate = 0xDFFF;

// Of the character that `first` begins; 0: none begins so.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if ((first & 0xE0U) == 0xC0U) return 2;
  if ((first & 0xF0U) == 0xE0U) return 3;
  return (first & 0xF8U) == 0xF0U ? 4 : 0;
}

bool is_character(std::string_view bytes) {
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  char32_t value = static_cast<unsigned char>(bytes[0]) & (0xFFU >> (bytes.size() + 1));
  for (const char c : bytes.substr(1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) return false;
    value = value << 6U | (byte & 0x3FU);
  }
  return value >= smallest[bytes.size()] && value <= largest_character &&
         (value < first_surrogate || value > last_surrogate);
}

}  // namespace

std::optional<std::size_t> first_bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = length_of(static_cast<unsigned char>(text[i]));
    if (text[i] == '\0' || length == 0 || i + length > text.size()) return i;
    if (length > 1 && !is_character(text.substr(i, length))) return i;
    i += length;
  }
  return std::nullopt;
}

bool is_wide(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return true;
  return text.size() > 1 && (text[0] == '\0') != (text[1] == '\0');
}

std::string_view remedy_for_text(std::string_view text) {
  if (is_wide(text)) return "the file seems to be UTF-16: iconv -f UTF-16 -t UTF-8 FILE >NEW";
  const auto bad = first_bad_byte(text);
  if (!bad) return {};
  return text[*bad] == '\0' ? "remove the NUL byte" : "save the file as UTF-8";
}

LineColumn line_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t newline = before.rfind('\n');
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(before.size() - begin) + 1};
}

}  // namespace ccci::recipe
