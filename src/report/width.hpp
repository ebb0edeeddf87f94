// SPDX-License-Identifier: GPL-3.0-or-later
// Measures text in terminal columns. It does not use the locale, so reports look the same
// everywhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::report {

// The columns of a UTF-8 text: 0 for combining marks, 2 for wide East Asian characters and emoji. A
// byte that is not UTF-8 counts 1.
std::size_t width_of(std::string_view text);

// The longest prefix of whole characters that fits in `columns`.
std::string_view fitting(std::string_view text, std::size_t columns);

// The text, or a prefix with an ellipsis, in at most `columns`.
std::string cut(std::string_view text, std::size_t columns);

// Breaks the text at spaces into lines of at most `columns`. A longer word gets its own line.
std::vector<std::string> wrap(std::string_view text, std::size_t columns);

}  // namespace ccci::report
