// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "declare/document.hpp"

namespace ccci::declare {

// The TOML library bounds nested brackets but not dotted keys: `a.a.a.…` makes a table in a table
// for each dot, and freeing those recurses until the stack is gone. It also searches all implicit
// tables for each header. So the text is measured before it is handed over.
// [declare.too-deep], [declare.too-many]
base::Result<void> check_nesting(std::string_view text, const Lines& lines);

}  // namespace ccci::declare
