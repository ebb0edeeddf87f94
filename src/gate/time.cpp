// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/time.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

namespace ccci::gate {

namespace {

using namespace std::chrono;

constexpr std::array units{std::pair{'d', seconds(86400)}, std::pair{'h', seconds(3600)},
                           std::pair{'m', seconds(60)}, std::pair{'s', seconds(1)}};

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string format_time(Time time) {
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

std::optional<Time> parse_time(std::string_view text) {
  if (text.size() != 20) return std::nullopt;
  std::array<int, 6> parts{};
  constexpr std::array<std::pair<std::size_t, std::size_t>, 6> places{
      {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}}};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!read_number(text.substr(places[i].first, places[i].second), parts[i])) return std::nullopt;
  }
  const year_month_day date{year(parts[0]), month(static_cast<unsigned>(parts[1])),
                            day(static_cast<unsigned>(parts[2]))};
  if (!date.ok() || parts[0] < 1970) return std::nullopt;
  const Time time = sys_days(date) + hours(parts[3]) + minutes(parts[4]) + seconds(parts[5]);
  // Formatting it again checks the separators, signs and ranges at once.
  if (format_time(time) != text) return std::nullopt;
  return time;
}

std::optional<seconds> parse_span(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  unsigned number = 0;
  if (!read_number(text.substr(0, text.size() - 1), number) || number > 1'000'000) {
    return std::nullopt;
  }
  for (const auto& [letter, unit] : units) {
    if (text.back() == letter) return unit * number;
  }
  return std::nullopt;
}

std::string format_span(seconds span) {
  for (const auto& [letter, unit] : units) {
    if (span.count() != 0 && span % unit == seconds(0)) {
      return std::to_string(span / unit) + letter;
    }
  }
  return std::to_string(span.count()) + "s";
}

}  // namespace ccci::gate
