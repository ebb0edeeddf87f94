// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/own_certificate.hpp"

#include <algorithm>
#include <ctime>
#include <optional>
#include <string>

#include "base/base64.hpp"

namespace ccci::configure {

namespace {

constexpr std::string_view opening = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view closing = "-----END CERTIFICATE-----";
constexpr std::int64_t day = 24 * 60 * 60;

int number(std::string_view digits) {
  int value = 0;
  for (const char digit : digits) value = value * 10 + (digit - '0');
  return value;
}

// "261129203959Z" and "20261129203959Z": UTCTime and GeneralizedTime as RFC 5280, 4.1.2.5 has them.
std::optional<std::int64_t> seconds_of(std::string_view text) {
  if (text.empty() || text.back() != 'Z') return std::nullopt;
  text.remove_suffix(1);
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return std::nullopt;
  const std::size_t year_digits = text.size() == 12 ? 2 : 4;
  int year = number(text.substr(0, year_digits));
  if (year_digits == 2) year += year < 50 ? 2000 : 1900;
  text.remove_prefix(year_digits);
  tm parts{};
  parts.tm_year = year - 1900;
  parts.tm_mon = number(text.substr(0, 2)) - 1;
  parts.tm_mday = number(text.substr(2, 2));
  parts.tm_hour = number(text.substr(4, 2));
  parts.tm_min = number(text.substr(6, 2));
  parts.tm_sec = number(text.substr(8, 2));
  return timegm(&parts);
}

// The first time in the DER form is notBefore: serial number, algorithm and issuer come before it.
std::optional<std::int64_t> valid_from(std::string_view der) {
  for (std::size_t at = 0; at + 2 < der.size(); ++at) {
    const bool utc = der[at] == 0x17 && der[at + 1] == 13;
    const bool generalized = der[at] == 0x18 && der[at + 1] == 15;
    if (!utc && !generalized) continue;
    const auto seconds = seconds_of(der.substr(at + 2, utc ? 13 : 15));
    if (seconds) return seconds;
  }
  return std::nullopt;
}

}  // namespace

bool has_own_certificate(std::string_view text, std::int64_t time) {
  for (std::size_t at = text.find(opening); at != text.npos; at = text.find(opening, at + 1)) {
    const std::size_t begin = at + opening.size();
    const std::size_t end = text.find(closing, begin);
    if (end == text.npos) return false;
    std::string body(text.substr(begin, end - begin));
    std::erase_if(body, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
    const auto from = valid_from(base::from_base64(body));
    if (from && *from >= time - day) return true;
  }
  return false;
}

}  // namespace ccci::configure
