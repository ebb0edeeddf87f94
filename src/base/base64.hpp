// SPDX-License-Identifier: GPL-3.0-or-later
// Base 64 with padding (RFC 4648, section 4).
#pragma once

#include <string>
#include <string_view>

namespace ccci::base {

std::string base64(std::string_view bytes);
std::string from_base64(std::string_view text);  // empty if it is none

}  // namespace ccci::base
