// SPDX-License-Identifier: GPL-3.0-or-later
// BLAKE2b by OpenSSL, for digests that another machine checks with `b2sum`: it takes half the time
// of `sha256sum`.
#pragma once

#include <string>
#include <string_view>

namespace ccci::base {

// 128 lower-case digits, as b2sum prints them.
std::string blake2b_hex(std::string_view text);

}  // namespace ccci::base
