// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/cron_calendar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <vector>

#include "base/text.hpp"

namespace ccci::doctor {

namespace {

constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};

struct Field {
  int least = 0;
  int most = 0;
  bool named_days = false;
  bool named_months = false;
};
constexpr std::array fields{Field{0, 59}, Field{0, 23}, Field{1, 31}, Field{1, 12, false, true},
                            Field{0, 7, true}};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::optional<int> value_of(std::string_view text, const Field& field) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (problem == std::errc() && stop == end) {
    if (number < field.least || number > field.most) return std::nullopt;
    return number;
  }
  const std::string name = lower(text);
  for (std::size_t i = 0; field.named_days && i < days.size(); ++i)
    if (name == lower(days[i])) return static_cast<int>(i);
  for (std::size_t i = 0; field.named_months && i < months.size(); ++i)
    if (name == months[i]) return static_cast<int>(i) + 1;
  return std::nullopt;
}

// The values of one field: lists, ranges and steps are resolved. Empty if it is no field.
std::set<int> values_of(std::string_view text, const Field& field) {
  std::set<int> values;
  for (std::string_view part : base::split(text, ',')) {
    int step = 1;
    if (const std::size_t slash = part.find('/'); slash != std::string_view::npos) {
      const std::string_view word = part.substr(slash + 1);
      const auto [stop, problem] = std::from_chars(word.data(), word.data() + word.size(), step);
      if (problem != std::errc() || stop != word.data() + word.size() || step < 1) return {};
      part = part.substr(0, slash);
      // "5/10" has no meaning that all crons share.
      if (part != "*" && part.find('-') == std::string_view::npos) return {};
    }
    std::optional<int> first = field.least;
    std::optional<int> last = field.most;
    if (part != "*") {
      const std::size_t dash = part.find('-');
      first = value_of(part.substr(0, dash), field);
      last = dash == std::string_view::npos ? first : value_of(part.substr(dash + 1), field);
    }
    if (!first || !last || *first > *last) return {};
    for (int value = *first; value <= *last; value += step) values.insert(value);
  }
  return values;
}

std::string two_digits(int value) {
  std::string text = std::to_string(value);
  return text.size() < 2 ? "0" + text : text;
}

// "*" if all values are there; "03,15" or "00/15" otherwise.
std::string listed(const std::set<int>& values, const Field& field) {
  const int all = field.most - field.least + 1;
  if (static_cast<int>(values.size()) == all) return "*";
  std::vector<int> sorted(values.begin(), values.end());
  if (sorted.size() > 2 && sorted.front() == field.least) {
    const int step = sorted[1] - sorted[0];
    bool even = sorted.back() + step > field.most;
    for (std::size_t i = 1; i < sorted.size(); ++i)
      even = even && sorted[i] - sorted[i - 1] == step;
    if (even) return two_digits(sorted.front()) + "/" + std::to_string(step);
  }
  std::vector<std::string> words;
  for (const int value : sorted) words.push_back(two_digits(value));
  return base::join(words, ",");
}

// "Mon..Fri ", or empty if each day counts. 0 and 7 are both Sunday.
std::string weekdays(const std::set<int>& values) {
  std::set<int> set;  // 1 is Monday, 7 is Sunday
  for (const int value : values) set.insert(value == 0 ? 7 : value);
  if (set.size() == days.size()) return {};
  std::vector<std::string> words;
  for (auto day = set.begin(); day != set.end();) {
    auto last = day;
    while (std::next(last) != set.end() && *std::next(last) == *last + 1) ++last;
    const auto named = [](int value) {
      return std::string(days.at(static_cast<std::size_t>(value % 7)));
    };
    const int length = *last - *day;
    if (length >= 2) {
      words.push_back(named(*day) + ".." + named(*last));
    } else {
      for (int value = *day; value <= *last; ++value) words.push_back(named(value));
    }
    day = std::next(last);
  }
  return base::join(words, ",") + " ";
}

}  // namespace

std::optional<std::string> calendar_of_cron(std::string_view schedule) {
  if (schedule.starts_with('@')) {
    const std::string name = lower(schedule.substr(1));
    if (name == "midnight") return "daily";
    if (name == "annually") return "yearly";
    // cron's week begins on Sunday, systemd's on Monday.
    if (name == "weekly") return "Sun *-*-* 00:00:00";
    for (const char* known : {"hourly", "daily", "monthly", "yearly"})
      if (name == known) return name;
    return std::nullopt;
  }
  std::vector<std::string> words;
  for (const std::string_view word : base::split(schedule, ' '))
    if (!word.empty()) words.emplace_back(word);
  if (words.size() != fields.size()) return std::nullopt;
  std::vector<std::set<int>> values;
  for (std::size_t i = 0; i < words.size(); ++i) {
    values.push_back(values_of(words[i], fields.at(i)));
    if (values.back().empty()) return std::nullopt;
  }
  // cron looks at the first character, not at the set.
  if (!words[2].starts_with('*') && !words[4].starts_with('*')) return std::nullopt;
  const std::string minute = listed(values[0], fields[0]);
  const std::string hour = listed(values[1], fields[1]);
  return weekdays(values[4]) + "*-" + listed(values[3], fields[3]) + "-" +
         listed(values[2], fields[2]) + " " + hour + ":" + minute + ":00";
}

}  // namespace ccci::doctor
