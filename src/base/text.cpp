// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace ccci::base {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string counted(std::uint64_t number, std::string_view singular) {
  std::string text = std::to_string(number) + " " + std::string(singular);
  if (number == 1) return text;
  const bool consonant_y =
      singular.size() > 1 && singular.ends_with('y') &&
      std::string_view("aeiou").find(singular[singular.size() - 2]) == std::string_view::npos;
  if (consonant_y) return text.substr(0, text.size() - 1) + "ies";
  const bool hissing =
      singular.ends_with("s") || singular.ends_with("x") || singular.ends_with("ch");
  return text + (hissing ? "es" : "s");
}

std::string human_bytes(std::uint64_t bytes) {
  static constexpr std::array<const char*, 6> units{"B", "kB", "MB", "GB", "TB", "PB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  const bool fraction = unit > 0 && value < 9.95;
  std::snprintf(text.data(), text.size(), fraction ? "%.1f %s" : "%.0f %s", value, units[unit]);
  return text.data();
}

std::string human_seconds(double seconds) {
  std::array<char, 48> text{};
  if (seconds < 0.9995) {
    std::snprintf(text.data(), text.size(), "%.0f ms", seconds * 1000);
  } else if (seconds < 59.95) {
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  } else {
    const auto whole = std::llround(seconds);
    std::snprintf(text.data(), text.size(), "%lld min %lld s", whole / 60, whole % 60);
  }
  return text.data();
}

namespace {

struct Decoded {
  char32_t point = 0;
  std::size_t length = 0;  // 0: not UTF-8
};

Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
  char32_t point = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    point = (point << 6U) | (byte(i) & 0x3FU);
  }
  static constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < least[length] || point > 0x10FFFF || surrogate) return {};
  return {point, length};
}

bool repaints(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x200B && point <= 0x200F) ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
         point == 0xFEFF;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  std::array<char, 16> escape{};
  while (!text.empty()) {
    const Decoded decoded = decode(text);
    if (decoded.length == 0) {
      std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned char>(text[0]));
      safe += escape.data();
      text.remove_prefix(1);
      continue;
    }
    if (decoded.point == '\n') {
      safe += "\\n";
    } else if (decoded.point == '\t') {
      safe += "\\t";
    } else if (repaints(decoded.point)) {
      const char* form = decoded.point < 0x100 ? "\\x%02x" : "\\u{%04x}";
      std::snprintf(escape.data(), escape.size(), form, static_cast<unsigned>(decoded.point));
      safe += escape.data();
    } else {
      safe += text.substr(0, decoded.length);
    }
    text.remove_prefix(decoded.length);
  }
  return safe;
}

std::string printable_lines(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\n\t"), text.size());
    safe += printable(text.substr(0, end));
    if (end < text.size()) safe += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return safe;
}

std::string printable_json(std::string_view json) {
  std::string safe;
  safe.reserve(json.size());
  std::array<char, 8> escape{};
  while (!json.empty()) {
    const Decoded decoded = decode(json);
    const std::size_t length = std::max<std::size_t>(decoded.length, 1);
    if (decoded.length != 0 && decoded.point != '\n' && repaints(decoded.point)) {
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(decoded.point));
      safe += escape.data();
    } else {
      safe += json.substr(0, length);
    }
    json.remove_prefix(length);
  }
  return safe;
}

namespace {

// Optimal string alignment: a swap of neighbours ('git-lsf') counts as one mistake.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

}  // namespace

std::string likely(std::string_view word, std::span<const std::string> candidates) {
  constexpr std::size_t longest = 64;  // the table is quadratic, and longer words are rarely typed
  if (word.empty() || word.size() > longest) return {};
  const std::size_t allowed = word.size() <= 3 ? 1 : word.size() <= 7 ? 2 : 3;
  std::size_t best = allowed + 1;
  std::size_t best_begin = 0;
  std::string found;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > longest) continue;
    const std::size_t shorter = std::min(word.size(), candidate.size());
    const auto begin = static_cast<std::size_t>(
        std::mismatch(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(shorter),
                      candidate.begin())
            .first -
        word.begin());
    if (std::max(word.size(), candidate.size()) - shorter > best)
      continue;  // cannot be more similar
    const std::size_t distance = edit_distance(word, candidate);
    if (distance > allowed || distance >= candidate.size()) continue;
    // Most mistakes are after the first letters.
    if (distance < best || (distance == best && begin > best_begin)) {
      best = distance;
      best_begin = begin;
      found = candidate;
    }
  }
  return found;
}

}  // namespace ccci::base
