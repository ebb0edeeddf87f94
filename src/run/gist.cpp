// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/gist.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace ccci::run {

namespace {

constexpr std::size_t longest = 300;
constexpr std::array<std::string_view, 11> error_words{
    "error",  "exception", "fail",    "refused", "denied",    "timed out",
    "unable", "cannot",    "invalid", "panic",   "not found",
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

bool names_an_error(std::string_view line) {
  const std::string words = lower(line);
  return std::any_of(error_words.begin(), error_words.end(),
                     [&](std::string_view word) { return words.find(word) != std::string::npos; });
}

// What a program prints below its error: "    at f (file.js:1)", "  File \"a.py\", line 1".
bool is_step(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

}  // namespace

std::string gist(std::string_view text) {
  std::string_view last;
  std::string_view named;
  // A line of progress ends with a carriage return.
  for (const std::string_view part : base::split(text, '\n')) {
    std::string_view line = part.substr(0, part.find_last_not_of(" \t\r") + 1);
    line = line.substr(line.rfind('\r') + 1);
    if (line.empty()) continue;
    last = line;
    if (!is_step(line) && names_an_error(line)) named = line;
  }
  std::string one(base::trim(named.empty() ? last : named));
  if (one.size() <= longest) return one;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(one[end]) & 0xC0U) == 0x80U) --end;
  one.resize(end);
  return one + " …";
}

}  // namespace ccci::run
