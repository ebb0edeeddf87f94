// SPDX-License-Identifier: GPL-3.0-or-later
// Values of a recipe in haproxy's configuration. Its author is not trusted, so a value is always
// exactly one word there.
#pragma once

#include <string>
#include <string_view>

namespace ccci::ingress {

// Printable, and not long: no quoting can put a line break into haproxy's configuration.
bool is_plain(std::string_view value);

// One word: 'value'. Call it with plain values only.
std::string word(std::string_view value);
// The text between the quotes of an argument of a converter, which haproxy reads a second time.
// Use it inside of word().
std::string argument(std::string_view value);
// The same text where haproxy replaces %[…]; call word() after it.
std::string format(std::string_view value);

}  // namespace ccci::ingress
