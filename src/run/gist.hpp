// SPDX-License-Identifier: GPL-3.0-or-later
// The one line of a long text that says what went wrong.
#pragma once

#include <string>
#include <string_view>

namespace ccci::run {

// The last line that names an error and is no step of a trace; else the last one. At most 300
// bytes.
std::string gist(std::string_view text);

}  // namespace ccci::run
