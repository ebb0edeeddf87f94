// SPDX-License-Identifier: GPL-3.0-or-later
// Where a text is not UTF-8, for messages.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace ccci::recipe {

// The number of the first byte that begins no character of UTF-8, or is NUL, which no text has.
std::optional<std::size_t> first_bad_byte(std::string_view text);

// Whether the file seems to be UTF-16: each of its usual characters has a NUL byte.
bool is_wide(std::string_view text);

// What to do about such a file; empty: it has no such byte.
std::string_view remedy_for_text(std::string_view text);

struct LineColumn {
  int line = 1;
  int column = 1;  // in bytes

  bool operator==(const LineColumn&) const = default;
};
LineColumn line_column(std::string_view text, std::size_t offset);

}  // namespace ccci::recipe
