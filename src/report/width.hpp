// SPDX-License-Identifier: GPL-3.0-or-later
// Text measured in terminal columns, without asking the locale: reports look the same everywhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::report {

// Columns that UTF-8 takes: 0 for combining marks, 2 for wide East Asian signs and emoji. A byte
// that is not UTF-8 counts 1.
std::size_t width_of(std::string_view text);

// The longest beginning that fits in `columns`, never half a character.
std::string_view fitting(std::string_view text, std::size_t columns);

// The text, or its beginning and an ellipsis, in at most `columns`.
std::string cut(std::string_view text, std::size_t columns);

// Lines of at most `columns`, broken at spaces; a longer word stands on a line of its own.
std::vector<std::string> wrap(std::string_view text, std::size_t columns);

}  // namespace ccci::report
