// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/calendar.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"
#include "declare/calendar_reader.hpp"
#include "declare/timezones.hpp"

namespace ccci::declare {

namespace {

constexpr int first_year = 1970;
constexpr int last_year = 2199;

bool is_shorthand(std::string_view text) {
  constexpr std::array names{"minutely",    "hourly",       "daily",        "weekly",  "monthly",
                             "quarterly",   "yearly",       "annually",     "anually", "biannually",
                             "bi-annually", "semiannually", "semi-annually"};
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return equal_no_case(text, name); });
}

// Years with two digits are years around 2000.
void widen_years(CalendarChain& years) {
  const auto widen = [](long year) {
    return year < 70 ? year + 2000 : year < 100 ? year + 1900 : year;
  };
  for (CalendarComponent& years_of : years) {
    years_of.start = widen(years_of.start);
    if (years_of.stop) years_of.stop = widen(*years_of.stop);
  }
}

std::string check_range(CalendarChain& chain, std::string_view what, long from, long to,
                        bool backwards) {
  std::string out =
      std::string(what) + " is not in " + std::to_string(from) + " to " + std::to_string(to);
  for (CalendarComponent& c : chain) {
    if (c.stop && *c.stop > c.start && c.repeat > 0) *c.stop -= (*c.stop - c.start) % c.repeat;
    if (c.stop && (*c.stop == c.start || (*c.stop > c.start && c.start + c.repeat > *c.stop))) {
      c.stop.reset();
      c.repeat = 0;
    }
    if (c.start < from || c.start > to || (c.stop && (*c.stop < from || *c.stop > to))) return out;
    if (c.repeat > to - from) return "the step of " + std::string(what) + " is too large";
    if (c.stop && c.start + c.repeat > *c.stop) {
      return "the range of " + std::string(what) + " runs backwards";
    }
    if (!c.stop && (backwards ? c.start - c.repeat < from : c.start + c.repeat > to)) {
      return "the step of " + std::string(what) + " leads out of its range";
    }
  }
  return {};
}

std::string check_ranges(Calendar& calendar) {
  widen_years(calendar.year);
  // Counting from the end of a month is limited by the length of February.
  const long days = calendar.from_month_end ? 28 : 31;
  const bool end = calendar.from_month_end;
  std::string why = check_range(calendar.year, "the year", first_year, last_year, false);
  if (why.empty()) why = check_range(calendar.month, "the month", 1, 12, false);
  if (why.empty()) why = check_range(calendar.day, "the day", 1, days, end);
  if (why.empty()) why = check_range(calendar.hour, "the hour", 0, 23, false);
  if (why.empty()) why = check_range(calendar.minute, "the minute", 0, 59, false);
  if (!why.empty()) return why;
  why = check_range(calendar.seconds, "the second", 0, 60 * calendar_second - 1, false);
  return why.ends_with("59999999") ? "the second is not in 0 to 59" : why;
}

bool matches(const CalendarChain& chain, long value) {
  return chain.empty() || std::any_of(chain.begin(), chain.end(), [&](const CalendarComponent& c) {
           if (value < c.start || (c.stop && value > *c.stop)) return false;
           return c.repeat == 0 ? value == c.start : (value - c.start) % c.repeat == 0;
         });
}

// If days count from the end of the month, 1 is the last day, and steps go towards the first day.
bool matches_day(const Calendar& calendar, long day, long days) {
  if (!calendar.from_month_end || calendar.day.empty()) return matches(calendar.day, day);
  return std::any_of(calendar.day.begin(), calendar.day.end(), [&](const CalendarComponent& c) {
    const long start = days + 1 - (c.stop ? *c.stop : c.start);
    if (c.repeat == 0) return day == start;
    const long stop = c.stop ? days + 1 - c.start : days;
    return day >= start && day <= stop && (day - start) % c.repeat == 0;
  });
}

// `weekday` is the weekday of the first day of the month.
bool comes_in_month(const Calendar& calendar, unsigned weekday, int days) {
  for (int day = 1; day <= days; ++day, weekday = (weekday + 1) % 7) {
    const bool on_weekday = calendar.weekdays == 0 || (calendar.weekdays >> weekday & 1U) != 0;
    if (on_weekday && matches_day(calendar, day, days)) return true;
  }
  return false;
}

// Whether any day of all years matches. It checks at most 84,000 days.
bool comes(const Calendar& calendar) {
  constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  unsigned weekday = 3;  // 1970-01-01 was a Thursday
  for (int year = first_year; year <= last_year; ++year) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    for (int month = 1; month <= 12; ++month) {
      const int days = lengths[static_cast<std::size_t>(month) - 1] + (month == 2 && leap ? 1 : 0);
      if (matches(calendar.year, year) && matches(calendar.month, month) &&
          comes_in_month(calendar, weekday, days)) {
        return true;
      }
      weekday = (weekday + static_cast<unsigned>(days)) % 7;
    }
  }
  return false;
}

// Removes a time zone from the end.
void strip_zone(std::string_view& text) {
  const std::size_t space = text.rfind(' ');
  if (space == std::string_view::npos || space == 0) return;
  const std::string_view zone = text.substr(space + 1);
  if (equal_no_case(zone, "UTC") || is_timezone(zone)) text = text.substr(0, space);
}

// Only a time zone begins with a letter at the end, behind a date or a time.
std::string unknown_zone(std::string_view text) {
  const std::size_t space = text.rfind(' ');
  if (space == std::string_view::npos) return {};
  const std::string_view word = text.substr(space + 1);
  int day = 0;
  const bool letter = !word.empty() && std::isalpha(static_cast<unsigned char>(word.front())) != 0;
  const bool behind = text.substr(0, space).find_first_of("0123456789*") != std::string_view::npos;
  if (!letter || !behind || weekday_name(word, day) != 0) return {};
  return "'" + base::printable(word.substr(0, 40)) + "' is not a time zone";
}

// "30 2 * * *"
bool is_of_cron(std::string_view text) {
  std::size_t fields = 0;
  for (const std::string_view field : base::split(text, ' ')) {
    if (field.empty()) continue;
    ++fields;
    if (field.find_first_not_of("0123456789*/-,") != std::string_view::npos) return false;
  }
  return fields == 5;
}

}  // namespace

std::string check_calendar(std::string_view text) {
  strip_zone(text);
  if (std::string why = unknown_zone(text); !why.empty()) return why;
  if (text.empty()) return "it is empty";
  if (is_shorthand(text)) return {};
  Calendar calendar;
  CalendarReader reader(text);
  if (!reader.read(calendar)) {
    if (is_of_cron(text))
      return "it is a schedule of cron; here 02:30 of each day is '*-*-* 02:30'";
    return reader.why;
  }
  if (std::string why = check_ranges(calendar); !why.empty()) return why;
  if (!comes(calendar)) return "this date never occurs";
  return {};
}

bool repeats_within_the_hour(std::string_view text) {
  if (equal_no_case(base::trim(text), "minutely")) return true;
  for (const std::string_view word : base::split(text, ' ')) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) continue;
    return word.substr(colon + 1).find_first_of("*,/") != std::string_view::npos ||
           word.find("..", colon) != std::string_view::npos;
  }
  return false;
}

}  // namespace ccci::declare
