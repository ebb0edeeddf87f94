// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/version.hpp"

#include <algorithm>
#include <charconv>

namespace ccci::engine {

std::optional<ApiVersion> ApiVersion::parse(std::string_view text) {
  ApiVersion version;
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
  if (minor.ec != std::errc{} || minor.ptr != end) return std::nullopt;
  return version;
}

std::string ApiVersion::text() const { return std::to_string(major) + "." + std::to_string(minor); }

base::Result<ApiVersion> negotiate(std::string_view offered, std::string_view least) {
  const auto newest = ApiVersion::parse(offered);
  // An engine before 1.25 does not say what it supports at least.
  const auto oldest = least.empty() ? newest : ApiVersion::parse(least);
  if (newest && oldest && *newest >= oldest_api && *oldest <= newest_api) {
    return std::min(*newest, newest_api);
  }
  return base::unexpected(base::fail("engine.version")
                              .with("oldest", oldest_api.text())
                              .with("newest", newest_api.text())
                              .with("offered", offered)
                              .with("least", least));
}

}  // namespace ccci::engine
