// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a calendar expression of systemd.time(7) into its components. This is the form only:
// calendar.hpp checks the ranges, and whether the time can occur.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::declare {

constexpr long calendar_second = 1'000'000;  // seconds are stored in microseconds

// One element of a comma list: start, start..stop, start/repeat, start..stop/repeat.
struct CalendarComponent {
  long start = 0;
  std::optional<long> stop;
  long repeat = 0;
};
using CalendarChain = std::vector<CalendarComponent>;  // empty: '*'

struct Calendar {
  unsigned weekdays = 0;  // bit 0 is Monday; 0: any
  bool from_month_end = false;
  CalendarChain year, month, day, hour, minute, seconds;
};

// The length of the weekday's name at the start of `text`, and its number: Monday is 0. Upper and
// lower case are the same. Returns 0 if there is no such name.
std::size_t weekday_name(std::string_view text, int& number);

// Whether both are the same but for the case of letters of ASCII.
bool equal_no_case(std::string_view a, std::string_view b);

// Parses the expression. It stops at the first mistake and stores the reason in `why`.
class CalendarReader {
 public:
  explicit CalendarReader(std::string_view text) : text_(text) {}

  bool read(Calendar& calendar);
  std::string why;

 private:
  char peek() const { return text_.empty() ? '\0' : text_.front(); }
  bool at_end_or_space() const { return text_.empty() || text_.front() == ' '; }
  void skip_spaces();
  bool refuse(std::string reason);

  bool weekdays(Calendar& calendar);
  bool timestamp();
  bool date(Calendar& calendar, bool& time_follows);
  bool time(Calendar& calendar);
  bool chain(CalendarChain& chain, bool fraction);
  bool component(CalendarComponent& component, bool fraction);
  bool number(long& value, bool fraction);

  std::string_view text_;
};

}  // namespace ccci::declare
