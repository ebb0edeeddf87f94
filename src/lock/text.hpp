// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ccci::lock {

// '\', bytes outside 0x20..0x7e and, within a word, spaces become \xNN.
std::string escape(std::string_view text, bool word);
// Nothing where a '\' is not followed by x and two lower-case digits.
std::optional<std::string> unescape(std::string_view text);

}  // namespace ccci::lock
