// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/span.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/text.hpp"

namespace ccci::declare {

namespace {

constexpr long year = 366L * 24 * 3600;

// The number of seconds in one unit, or 0 if it is not a unit. Units below one second are not
// supported: systemctl cannot start anything in that time.
long unit_seconds(std::string_view unit) {
  struct Unit {
    long seconds;
    std::initializer_list<std::string_view> names;
  };
  static const std::array units{
      Unit{1, {"", "s", "sec", "second", "seconds"}}, Unit{60, {"m", "min", "minute", "minutes"}},
      Unit{3600, {"h", "hr", "hour", "hours"}},       Unit{24 * 3600L, {"d", "day", "days"}},
      Unit{7 * 24 * 3600L, {"w", "week", "weeks"}},
  };
  for (const Unit& one : units) {
    if (std::find(one.names.begin(), one.names.end(), unit) != one.names.end()) return one.seconds;
  }
  return 0;
}

std::string_view take(std::string_view& text, bool (*belongs)(char)) {
  std::size_t length = 0;
  while (length < text.size() && belongs(text[length])) ++length;
  const std::string_view taken = text.substr(0, length);
  text.remove_prefix(length);
  return taken;
}

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return c >= 'a' && c <= 'z'; }
bool blank(char c) { return c == ' '; }

}  // namespace

std::optional<std::chrono::seconds> time_span(std::string_view text) {
  long total = 0;
  take(text, blank);
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const std::string_view digits = take(text, digit);
    if (digits.empty() || digits.size() > 9) return std::nullopt;
    long number = 0;
    for (const char c : digits) number = number * 10 + (c - '0');
    take(text, blank);
    const long unit = unit_seconds(take(text, letter));
    if (unit == 0) return std::nullopt;
    total += number * unit;
    if (total > year) return std::nullopt;
    take(text, blank);
  }
  return std::chrono::seconds(total);
}

bool has_unit(std::string_view text) { return std::any_of(text.begin(), text.end(), letter); }

std::string check_timeout(std::string_view text) {
  const auto span = time_span(text);
  if (!span) return "it is not a time span of seconds, minutes, hours and days";
  return *span < shortest_deadline ? "it is shorter than a second" : "";
}

std::string check_deadline(std::string_view text) {
  const auto span = time_span(text);
  if (!span) return "it is not a time span of seconds, minutes, hours and days";
  if (*span < shortest_deadline) return "it is shorter than a second";
  if (*span > longest_deadline) return "it is longer than an hour";
  return {};
}

}  // namespace ccci::declare
