// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/calendar_reader.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/text.hpp"

namespace ccci::declare {

namespace {

constexpr std::size_t most_components = 240;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool starts_with_no_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

bool equal_no_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && starts_with_no_case(a, b);
}

std::size_t weekday_name(std::string_view text, int& number) {
  constexpr std::array<std::string_view, 7> names{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                  "Friday", "Saturday", "Sunday"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    number = static_cast<int>(i);
    if (starts_with_no_case(text, names[i])) return names[i].size();
    if (starts_with_no_case(text, names[i].substr(0, 3))) return 3;
  }
  return 0;
}

bool CalendarReader::read(Calendar& calendar) {
  if (!weekdays(calendar)) return false;
  if (peek() == '@') return timestamp();
  bool time_follows = true;
  if (!date(calendar, time_follows)) return false;
  if (time_follows && !time(calendar)) return false;
  return text_.empty() || refuse("'" + base::printable(text_) + "' is unexpected");
}

void CalendarReader::skip_spaces() {
  text_.remove_prefix(std::min(text_.find_first_not_of(' '), text_.size()));
}

bool CalendarReader::refuse(std::string reason) {
  why = std::move(reason);
  return false;
}

bool CalendarReader::weekdays(Calendar& calendar) {
  int open = -1;  // the first day of an open range
  for (bool first = true;; first = false) {
    int day = 0;
    const std::size_t length = weekday_name(text_, day);
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
  CalendarChain first, middle, third;
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

bool CalendarReader::chain(CalendarChain& chain, bool fraction) {
  if (peek() == '*') {
    text_.remove_prefix(1);
    return true;
  }
  for (;;) {
    CalendarComponent next;
    if (!component(next, fraction)) return false;
    chain.push_back(next);
    if (chain.size() > most_components) return refuse("a list is too long");
    if (peek() != ',') return true;
    text_.remove_prefix(1);
  }
}

bool CalendarReader::component(CalendarComponent& component, bool fraction) {
  if (!number(component.start, fraction)) return false;
  if (text_.starts_with("..")) {
    text_.remove_prefix(2);
    component.stop = 0;
    if (!number(*component.stop, fraction)) return false;
    component.repeat = fraction ? calendar_second : 1;
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
    if (value > largest / calendar_second) return refuse("a number is too large");
    value *= calendar_second;
    if (peek() == '.' && !text_.starts_with("..")) {
      text_.remove_prefix(1);
      const std::size_t count = std::min(text_.find_first_not_of("0123456789"), text_.size());
      if (count == 0) return refuse("a fraction has no digits");
      long weight = calendar_second / 10;
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

}  // namespace ccci::declare
