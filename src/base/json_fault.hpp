// SPDX-License-Identifier: GPL-3.0-or-later
// What is wrong with a text that Json::parse() refuses.
#pragma once

#include <string>
#include <string_view>

namespace ccci::base {

// "it is no JSON: line 3, column 7: unexpected '}'": the last character of the first wrong token.
// The column counts characters.
std::string json_fault(std::string_view text);

}  // namespace ccci::base
