// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ccci::lock {

// Writes '\' and bytes outside 0x20..0x7e as \xNN. If `word` is set, spaces too.
std::string escape(std::string_view text, bool word);
// Returns nothing if a '\' is not followed by x and two lower-case hex digits.
std::optional<std::string> unescape(std::string_view text);

}  // namespace ccci::lock
