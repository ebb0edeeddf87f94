// SPDX-License-Identifier: GPL-3.0-or-later
// Versions of the Engine API, "1.41". Engines refuse a version that is newer or much older than
// they are: Docker 20.10 offers 1.41, Docker 29 wants at least 1.44.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ccci::engine {

struct ApiVersion {
  unsigned major = 0;
  unsigned minor = 0;

  static std::optional<ApiVersion> parse(std::string_view text);
  std::string text() const;

  // NOLINTNEXTLINE(modernize-use-nullptr): version 14 means the 0 of a comparison
  auto operator<=>(const ApiVersion&) const = default;
};

// What this room was written for.
inline constexpr ApiVersion oldest_api{1, 41};
inline constexpr ApiVersion newest_api{1, 52};

// The newest version that both sides know. `offered` and `least` are the engine's ApiVersion and
// MinAPIVersion. [engine.version]
base::Result<ApiVersion> negotiate(std::string_view offered, std::string_view least);

}  // namespace ccci::engine
