// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "declare/document.hpp"

namespace ccci::declare {

// Checks the text before the TOML library reads it, because the library has three weaknesses.
// It limits nested brackets but not dotted keys: `a.a.a.…` makes one nested table for each dot, and
// freeing them recurses until the stack overflows. It searches all implicit tables for each header.
// Its white space table tells the compiler that no character from U+00A1 on can occur, and text
// outside of strings and comments can break that. [declare.too-deep], [declare.too-many],
// [declare.syntax]
base::Result<void> check_nesting(std::string_view text, const Lines& lines);

}  // namespace ccci::declare
