// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::base {

std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string_view trim(std::string_view text);

// "1 package", "3 packages"; "1 library", "2 libraries".
std::string counted(std::uint64_t number, std::string_view singular);
// "506 MB": powers of ten, three digits at most.
std::string human_bytes(std::uint64_t bytes);
// "1.2 s", "35 ms", "2 min 5 s".
std::string human_seconds(double seconds);

// Control characters, bytes that are not UTF-8 and the bidirectional marks become \xNN or \u{NNNN},
// so that text from outside can neither repaint a terminal nor forge a line.
std::string printable(std::string_view text);

// The candidate closest to `word`, or an empty string where none is near enough to be meant.
std::string likely(std::string_view word, std::span<const std::string> candidates);

}  // namespace ccci::base
