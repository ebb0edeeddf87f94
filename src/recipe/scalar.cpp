// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "recipe/tree.hpp"

namespace ccci::recipe {

namespace {

constexpr std::array<std::string_view, 5> nulls{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 3> trues{"true", "True", "TRUE"};
constexpr std::array<std::string_view, 3> falses{"false", "False", "FALSE"};
constexpr std::array<std::string_view, 8> infinities{".inf",  ".Inf",  ".INF",  "+.inf",
                                                     "+.Inf", "+.INF", "-.inf", "-.Inf"};

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& words) {
  for (const std::string_view word : words)
    if (text == word) return true;
  return false;
}

// The base that Go's strconv.ParseInt(…, 0, 64) takes; removes the prefix.
int take_base(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  const char letter = digits[1];
  const int base = letter == 'x' || letter == 'X'   ? 16
                   : letter == 'b' || letter == 'B' ? 2
                   : letter == 'o' || letter == 'O' ? 8
                                                    : 0;
  digits.remove_prefix(base == 0 ? 1 : 2);
  return base == 0 ? 8 : base;
}

bool as_integer(std::string_view plain, Node& scalar) {
  const bool negative = plain.starts_with('-');
  if (negative || plain.starts_with('+')) plain.remove_prefix(1);
  if (plain.empty() || plain[0] < '0' || plain[0] > '9') return false;
  const int base = take_base(plain);
  std::uint64_t value = 0;
  const auto read = std::from_chars(plain.data(), plain.data() + plain.size(), value, base);
  if (read.ec != std::errc{} || read.ptr != plain.data() + plain.size()) return false;
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return false;
  scalar.kind = Node::Kind::integer;
  scalar.integer = static_cast<std::int64_t>(value);
  if (negative) scalar.integer = -scalar.integer;
  scalar.real = static_cast<double>(scalar.integer);
  scalar.text = std::to_string(scalar.integer);
  return true;
}

// As Go prints a float64 with %v: an exponent only below 1e-4 and from 1e21.
std::string printed(double value) {
  std::array<char, 64> out{};
  const double size = std::fabs(value);
  const auto format = value == 0 || (size >= 1e-4 && size < 1e21) ? std::chars_format::fixed
                                                                  : std::chars_format::scientific;
  const auto end = std::to_chars(out.data(), out.data() + out.size(), value, format);
  return {out.data(), end.ptr};
}

bool as_real(std::string_view plain, Node& scalar) {
  if (plain.starts_with('+')) plain.remove_prefix(1);
  bool digit = false;
  for (const char c : plain) {
    const bool is_digit = c >= '0' && c <= '9';
    digit = digit || is_digit;
    if (!is_digit && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') return false;
  }
  if (!digit) return false;
  double value = 0;
  const auto read = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (read.ec != std::errc{} || read.ptr != plain.data() + plain.size()) return false;
  scalar.kind = Node::Kind::real;
  scalar.real = value;
  scalar.text = printed(value);
  return true;
}

}  // namespace

void resolve_plain(Node& scalar) {
  const std::string written = scalar.text;
  scalar.kind = Node::Kind::text;
  if (is_one_of(written, nulls)) {
    scalar.kind = Node::Kind::null;
    scalar.text.clear();
    return;
  }
  if (is_one_of(written, trues) || is_one_of(written, falses)) {
    scalar.kind = Node::Kind::boolean;
    scalar.integer = is_one_of(written, trues) ? 1 : 0;
    scalar.text = scalar.integer == 1 ? "true" : "false";
    return;
  }
  if (is_one_of(written, infinities) || written == "-.INF" || written == ".nan" ||
      written == ".NaN" || written == ".NAN") {
    scalar.kind = Node::Kind::real;
    scalar.real = std::numeric_limits<double>::quiet_NaN();
    return;
  }
  const char first = written[0];
  if (first != '-' && first != '+' && first != '.' && (first < '0' || first > '9')) return;
  std::string plain;
  for (const char c : written)
    if (c != '_') plain += c;
  if (!as_integer(plain, scalar)) as_real(plain, scalar);
}

}  // namespace ccci::recipe
