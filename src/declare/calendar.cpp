// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/calendar.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "declare/timezones.hpp"

namespace ccci::declare {

namespace {

constexpr int first_year = 1970;
constexpr int last_year = 2199;
constexpr long second = 1'000'000;  // seconds are stored in microseconds
constexpr std::size_t most_components = 240;

// One element of a comma list: start, start..stop, start/repeat, start..stop/repeat.
struct Component {
  long start = 0;
  std::optional<long> stop;
  long repeat = 0;
};
using Chain = std::vector<Component>;  // empty: '*'

struct Calendar {
  unsigned weekdays = 0;  // bit 0 is Monday; 0: any
  bool from_month_end = false;
  Chain year, month, day, hour, minute, seconds;
};

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool starts_with_no_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

bool equal_no_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && starts_with_no_case(a, b);
}

bool is_shorthand(std::string_view text) {
  constexpr std::array names{"minutely",    "hourly",       "daily",        "weekly",  "monthly",
                             "quarterly",   "yearly",       "annually",     "anually", "biannually",
                             "bi-annually", "semiannually", "semi-annually"};
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return equal_no_case(text, name); });
}

// Parses the expression. It stops at the first mistake and stores the reason in `why`.
class CalendarReader {
 public:
  explicit CalendarReader(std::string_view text) : text_(text) {}

  bool read(Calendar& calendar) {
    if (!weekdays(calendar)) return false;
    if (peek() == '@') return timestamp();
    bool time_follows = true;
    if (!date(calendar, time_follows)) return false;
    if (time_follows && !time(calendar)) return false;
    return text_.empty() || refuse("'" + base::printable(text_) + "' is unexpected");
  }
  std::string why;

 private:
  char peek() const { return text_.empty() ? '\0' : text_.front(); }
  bool at_end_or_space() const { return text_.empty() || text_.front() == ' '; }
  void skip_spaces() { text_.remove_prefix(std::min(text_.find_first_not_of(' '), text_.size())); }
  bool refuse(std::string reason) {
    why = std::move(reason);
    return false;
  }

  bool weekdays(Calendar& calendar);
  bool timestamp();
  bool date(Calendar& calendar, bool& time_follows);
  bool time(Calendar& calendar);
  bool chain(Chain& chain, bool fraction);
  bool component(Component& component, bool fraction);
  bool number(long& value, bool fraction);

  std::string_view text_;
};

// The length of the weekday name at the start of `text`, and its number. 0 if there is no such
// name.
std::size_t weekday(std::string_view text, int& number) {
  constexpr std::array<std::string_view, 7> names{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                  "Friday", "Saturday", "Sunday"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    number = static_cast<int>(i);
    if (starts_with_no_case(text, names[i])) return names[i].size();
    if (starts_with_no_case(text, names[i].substr(0, 3))) return 3;
  }
  return 0;
}

bool CalendarReader::weekdays(Calendar& calendar) {
  int open = -1;  // the first day of an open range
  for (bool first = true;; first = false) {
    int day = 0;
    const std::size_t length = weekday(text_, day);
    if (length == 0) return first || refuse("a weekday is missing");
    const std::string_view after = text_.substr(length);
    if (!after.empty() && std::string_view("-., ").find(after[0]) == std::string_view::npos) {
      return refuse("'" + base::printable(text_.substr(0, length + 1)) + "' is not a weekday");
    }
    if (open > day) return refuse("the range of weekdays runs backwards");
    for (int i = open >= 0 ? open : day; i <= day; ++i) {
      calendar.weekdays |= 1U << static_cast<unsigned>(i);
    }
    text_ = after;
    if (at_end_or_space()) return skip_spaces(), true;
    if (peek() == ',') {
      open = -1;
      text_.remove_prefix(1);
    } else {  // "..", or "-" in old units
      const std::size_t mark = text_.starts_with("..") ? 2 : 1;
      if (open >= 0 || (mark == 1 && peek() == '.'))
        return refuse("the range of weekdays is not A..B");
      open = day;
      text_.remove_prefix(mark);
    }
    if (at_end_or_space()) {
      if (open >= 0) return refuse("the range of weekdays has no end");
      return skip_spaces(), true;  // a comma at the end is allowed
    }
  }
}

bool CalendarReader::timestamp() {
  text_.remove_prefix(1);
  const std::size_t digits = std::min(text_.find_first_not_of("0123456789"), text_.size());
  if (digits == 0 || digits < text_.size()) return refuse("'@' needs seconds since 1970");
  // 2199-12-31 23:59:59 is the latest time that a calendar expression can express.
  constexpr std::string_view latest = "7258118399";
  const std::string_view value = text_.substr(std::min(text_.find_first_not_of('0'), digits));
  if (value.size() > latest.size() || (value.size() == latest.size() && value > latest)) {
    return refuse("the year is not in 1970 to 2199");
  }
  return true;
}

bool CalendarReader::date(Calendar& calendar, bool& time_follows) {
  if (text_.empty()) return true;
  const std::string_view begin = text_;
  Chain first, middle, third;
  if (!chain(first, false)) return false;
  if (text_.empty() || peek() == ':') {  // the number was the hour
    text_ = begin;
    return true;
  }
  if (peek() != '-' && peek() != '~') return refuse("the date is not YEAR-MONTH-DAY");
  calendar.from_month_end = peek() == '~';
  text_.remove_prefix(1);
  if (!chain(middle, false)) return false;
  if (at_end_or_space()) {
    calendar.month = std::move(first);
    calendar.day = std::move(middle);
  } else {
    if (calendar.from_month_end || (peek() != '-' && peek() != '~')) {
      return refuse("the date is not YEAR-MONTH-DAY");
    }
    calendar.from_month_end = peek() == '~';
    text_.remove_prefix(1);
    if (!chain(third, false)) return false;
    if (!at_end_or_space()) return refuse("the date is not YEAR-MONTH-DAY");
    calendar.year = std::move(first);
    calendar.month = std::move(middle);
    calendar.day = std::move(third);
  }
  skip_spaces();
  time_follows = !text_.empty();
  return true;
}

bool CalendarReader::time(Calendar& calendar) {
  if (text_.empty()) return true;
  if (!chain(calendar.hour, false)) return false;
  if (peek() != ':') return refuse("the time is not HOUR:MINUTE");
  text_.remove_prefix(1);
  if (!chain(calendar.minute, false)) return false;
  if (text_.empty()) return true;
  if (peek() != ':') return refuse("the time is not HOUR:MINUTE:SECOND");
  text_.remove_prefix(1);
  return chain(calendar.seconds, true);
}

bool CalendarReader::chain(Chain& chain, bool fraction) {
  if (peek() == '*') {
    text_.remove_prefix(1);
    return true;
  }
  for (;;) {
    Component next;
    if (!component(next, fraction)) return false;
    chain.push_back(next);
    if (chain.size() > most_components) return refuse("a list is too long");
    if (peek() != ',') return true;
    text_.remove_prefix(1);
  }
}

bool CalendarReader::component(Component& component, bool fraction) {
  if (!number(component.start, fraction)) return false;
  if (text_.starts_with("..")) {
    text_.remove_prefix(2);
    component.stop = 0;
    if (!number(*component.stop, fraction)) return false;
    component.repeat = fraction ? second : 1;
  }
  if (peek() == '/') {
    text_.remove_prefix(1);
    if (!number(component.repeat, fraction)) return false;
    if (component.repeat == 0) return refuse("a step is 0");
  } else if (fraction && component.stop && component.start + component.repeat > *component.stop) {
    return refuse("a range of seconds is shorter than a second");
  }
  if (text_.empty() || std::string_view(" ,-~:").find(peek()) != std::string_view::npos)
    return true;
  return refuse("'" + base::printable(text_.substr(0, 20)) + "' is unknown");
}

bool CalendarReader::number(long& value, bool fraction) {
  const std::size_t digits = std::min(text_.find_first_not_of("0123456789"), text_.size());
  if (digits == 0) {
    return refuse(text_.empty() ? "a number is missing at the end"
                                : "'" + base::printable(text_.substr(0, 20)) + "' is not a number");
  }
  constexpr std::size_t longest = 18;
  constexpr long largest = 2147483647;
  const std::size_t zeros = std::min(text_.find_first_not_of('0'), digits);
  if (digits - zeros > longest) return refuse("a number is too large");
  value = 0;
  for (const char c : text_.substr(0, digits)) value = value * 10 + (c - '0');
  text_.remove_prefix(digits);
  if (fraction) {
    if (value > largest / second) return refuse("a number is too large");
    value *= second;
    if (peek() == '.' && !text_.starts_with("..")) {
      text_.remove_prefix(1);
      const std::size_t count = std::min(text_.find_first_not_of("0123456789"), text_.size());
      if (count == 0) return refuse("a fraction has no digits");
      long weight = second / 10;
      for (const char c : text_.substr(0, std::min<std::size_t>(count, 6))) {
        value += weight * (c - '0');
        weight /= 10;
      }
      if (count > 6 && text_[6] >= '5') ++value;
      text_.remove_prefix(count);
    }
  }
  return value <= largest || refuse("a number is too large");
}

// Years with two digits are years around 2000.
void widen_years(Chain& years) {
  const auto widen = [](long year) {
    return year < 70 ? year + 2000 : year < 100 ? year + 1900 : year;
  };
  for (Component& years_of : years) {
    years_of.start = widen(years_of.start);
    if (years_of.stop) years_of.stop = widen(*years_of.stop);
  }
}

std::string check_range(Chain& chain, std::string_view what, long from, long to, bool backwards) {
  std::string out =
      std::string(what) + " is not in " + std::to_string(from) + " to " + std::to_string(to);
  for (Component& c : chain) {
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
  why = check_range(calendar.seconds, "the second", 0, 60 * second - 1, false);
  return why.ends_with("59999999") ? "the second is not in 0 to 59" : why;
}

bool matches(const Chain& chain, long value) {
  return chain.empty() || std::any_of(chain.begin(), chain.end(), [&](const Component& c) {
           if (value < c.start || (c.stop && value > *c.stop)) return false;
           return c.repeat == 0 ? value == c.start : (value - c.start) % c.repeat == 0;
         });
}

// If days count from the end of the month, 1 is the last day, and steps go towards the first day.
bool matches_day(const Calendar& calendar, long day, long days) {
  if (!calendar.from_month_end || calendar.day.empty()) return matches(calendar.day, day);
  return std::any_of(calendar.day.begin(), calendar.day.end(), [&](const Component& c) {
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
  if (!letter || !behind || weekday(word, day) != 0) return {};
  return "'" + base::printable(word.substr(0, 40)) + "' is not a time zone";
}

}  // namespace

namespace {

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
