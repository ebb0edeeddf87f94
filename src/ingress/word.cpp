// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/word.hpp"

#include <algorithm>

namespace ccci::ingress {

namespace {

constexpr std::size_t longest_value = 2000;

std::string replaced(std::string_view value, char character, std::string_view by) {
  std::string out;
  for (const char c : value) {
    if (c == character)
      out += by;
    else
      out += c;
  }
  return out;
}

}  // namespace

bool is_plain(std::string_view value) {
  return value.size() <= longest_value &&
         std::all_of(value.begin(), value.end(),
                     [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

// Nothing is special between single quotes, except for the quote itself.
std::string word(std::string_view value) { return "'" + replaced(value, '\'', R"('\'')") + "'"; }

std::string argument(std::string_view value) { return word(value); }

std::string format(std::string_view value) { return replaced(value, '%', "%%"); }

}  // namespace ccci::ingress
