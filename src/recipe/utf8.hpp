// SPDX-License-Identifier: GPL-3.0-or-later
// Where a text is not UTF-8, for messages.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace ccci::recipe {

// The number of the first byte that begins no character of UTF-8.
std::optional<std::size_t> first_bad_byte(std::string_view text);

struct LineColumn {
  int line = 1;
  int column = 1;  // in bytes

  bool operator==(const LineColumn&) const = default;
};
LineColumn line_column(std::string_view text, std::size_t offset);

}  // namespace ccci::recipe
