// SPDX-License-Identifier: GPL-3.0-or-later
// Splits, joins and compares text, and formats numbers and foreign text for output.
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

// Replaces control characters, bidirectional marks and bytes that are not UTF-8 by \xNN or
// \u{NNNN}. So text from outside cannot control the terminal or forge a line of output.
std::string printable(std::string_view text);
// The same for a text of several lines: newlines and tabs stay.
std::string printable_lines(std::string_view text);
// The same for JSON, in JSON's own escapes: it has such characters only in strings.
std::string printable_json(std::string_view json);

// The candidate that is most similar to `word`, or an empty string if none is similar enough.
std::string likely(std::string_view word, std::span<const std::string> candidates);

// The keys of a map, in its order.
template <typename Map>
std::vector<std::string> keys_of(const Map& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

}  // namespace ccci::base
