// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/forms.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace ccci::recipe {

namespace {

constexpr double year_in_nanoseconds = 365.0 * 24 * 3600 * 1e9;

struct DurationUnit {
  std::string_view name;
  double nanoseconds;
};
// Longer names first: "ms" is no "m".
constexpr std::array duration_units{
    DurationUnit{"ns", 1},        DurationUnit{"us", 1e3},       DurationUnit{"\u00b5s", 1e3},
    DurationUnit{"\u03bcs", 1e3}, DurationUnit{"ms", 1e6},       DurationUnit{"s", 1e9},
    DurationUnit{"m", 60 * 1e9},  DurationUnit{"h", 3600 * 1e9},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes "12", "1.5", ".5" or "1." from the text.
std::optional<double> take_decimal(std::string_view& text) {
  std::size_t length = 0;
  bool digit = false;
  bool point = false;
  while (length < text.size() && (is_digit(text[length]) || (text[length] == '.' && !point))) {
    digit = digit || is_digit(text[length]);
    point = point || text[length] == '.';
    ++length;
  }
  if (!digit || length > 40) return std::nullopt;
  double value = 0;
  std::from_chars(text.data(), text.data() + length, value, std::chars_format::fixed);
  text.remove_prefix(length);
  return value;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<Duration> read_duration(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return Duration(0);
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const std::optional<double> value = take_decimal(text);
    if (!value) return std::nullopt;
    const DurationUnit* unit = nullptr;
    for (const DurationUnit& known : duration_units)
      if (unit == nullptr && text.starts_with(known.name)) unit = &known;
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(unit->name.size());
    total += *value * unit->nanoseconds;
    if (total > year_in_nanoseconds) return std::nullopt;
  }
  return Duration(static_cast<Duration::rep>(total + 0.5));
}

std::optional<std::int64_t> read_bytes(std::string_view text) {
  const std::optional<double> value = take_decimal(text);
  if (!value) return std::nullopt;
  if (text.starts_with(' ')) text.remove_prefix(1);
  std::string unit;
  for (const char c : text) unit += lower(c);
  double factor = 1;
  if (!unit.empty() && unit != "b") {
    const std::size_t power = std::string_view("kmgtp").find(unit[0]);
    const std::string_view rest = std::string_view(unit).substr(1);
    if (power == std::string_view::npos || (!rest.empty() && rest != "b" && rest != "ib"))
      return std::nullopt;
    for (std::size_t i = 0; i <= power; ++i) factor *= 1024;
  }
  const double bytes = *value * factor;
  if (bytes > 1e18) return std::nullopt;
  return static_cast<std::int64_t>(bytes);
}

std::optional<std::int64_t> read_cpus(std::string_view text) {
  const std::optional<double> value = take_decimal(text);
  if (!value || !text.empty() || *value > 1e6) return std::nullopt;
  return static_cast<std::int64_t>(*value * 1e9 + 0.5);
}

std::optional<std::uint64_t> read_number(std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size() ||
      value > most)
    return std::nullopt;
  return value;
}

std::optional<std::vector<std::string>> split_command(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\'') {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\\') {
      if (++i == text.size()) return std::nullopt;
      word += text[i];
      in_word = true;
    } else if (quote == '"') {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else if (c == '#' && !in_word) {
      while (i < text.size() && text[i] != '\n') ++i;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) return std::nullopt;
  if (in_word) words.push_back(std::move(word));
  return words;
}

std::optional<std::pair<std::uint16_t, std::uint16_t>> read_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::uint64_t most = std::numeric_limits<std::uint16_t>::max();
  const auto first = read_number(text.substr(0, dash), most);
  const auto last =
      dash == std::string_view::npos ? first : read_number(text.substr(dash + 1), most);
  if (!first || !last || *last < *first) return std::nullopt;
  return std::pair{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

}  // namespace ccci::recipe
