// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/date.hpp"

#include <array>
#include <ctime>

namespace ccci::base {

namespace {

std::string formatted(const std::tm& parts, const char* form) {
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), form, &parts);
  return {text.data(), length};
}

}  // namespace

std::string rfc3339(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return formatted(parts, "%Y-%m-%dT%H:%M:%SZ");
}

std::optional<WallTime> from_rfc3339(std::string_view text) {
  std::tm parts{};
  const std::string copy(text);
  const char* end = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != 0) return std::nullopt;
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string local_date(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return formatted(parts, "%Y-%m-%d");
}

}  // namespace ccci::base
