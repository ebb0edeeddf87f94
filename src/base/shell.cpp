// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/shell.hpp"

#include <algorithm>

namespace ccci::base {

namespace {

bool harmless(char byte) {
  // Without '=' (it would be an assignment in the first word), '~' and '{'.
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') ||
         std::string_view("_-./:@+,").find(byte) != std::string::npos;
}

}  // namespace

std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char byte : text) {
    if (byte == '\'') {
      quoted += "'\\''";
    } else {
      quoted.push_back(byte);
    }
  }
  return quoted + "'";
}

std::string shell_word(std::string_view text) {
  const bool bare = !text.empty() && std::all_of(text.begin(), text.end(), harmless);
  return bare ? std::string(text) : shell_quoted(text);
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

}  // namespace ccci::base
