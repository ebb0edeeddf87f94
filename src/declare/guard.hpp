// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "declare/document.hpp"

namespace ccci::declare {

// The TOML library bounds nested brackets but not dotted keys: `a.a.a.…` makes a table in a table
// for each dot, and freeing those recurses until the stack is gone. It also searches all implicit
// tables for each header. Its table of white space promises the compiler that no character from
// U+00A1 on reaches it, which text outside of strings and comments can break. So the text is
// checked before the library reads it. [declare.too-deep], [declare.too-many], [declare.syntax]
base::Result<void> check_nesting(std::string_view text, const Lines& lines);

}  // namespace ccci::declare
