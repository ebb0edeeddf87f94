// SPDX-License-Identifier: GPL-3.0-or-later
// The page that a health check asks its own service for: the recipe itself says that it answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "recipe/route.hpp"
#include "recipe/service.hpp"

namespace ccci::recipe {

struct HealthPage {
  std::uint16_t port = 80;
  std::string path = "/";

  bool operator==(const HealthPage&) const = default;
};

// "curl -f http://localhost:3000/api/health". Nothing if the check asks for no page, or if only a
// shell knows which.
std::optional<HealthPage> health_page(const Healthcheck& check);

// The path at which this page is to be had by the route; nothing if the route does not lead to it.
std::optional<std::string> routed_path(const HealthPage& page, const Route& route,
                                       const Match& match);

}  // namespace ccci::recipe
