// SPDX-License-Identifier: GPL-3.0-or-later
// A deployed stack as the ingress sees it: which names lead where, and where its tasks answer.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/endpoints.hpp"
#include "recipe/route.hpp"

namespace ccci::ingress {

// A proxy that follows the labels itself. Names and certificate are the ingress's all the same.
struct Through {
  std::string address;
  std::uint16_t plain = 0;   // its port for HTTP
  std::uint16_t secure = 0;  // for HTTPS; its certificate is not for the names

  bool operator==(const Through&) const = default;
};

struct Site {
  std::string stack;  // its name: the service `app` is STACK_app
  recipe::Routing routing;
  std::vector<engine::Endpoint> endpoints;  // engine::find_endpoints() after each deployment
  std::set<std::uint16_t> published = {};   // TCP ports of the node that the stack has itself
  std::optional<Through> through = {};      // another proxy does the routing
};

// What a host name may contain. Lower case only.
bool is_name(std::string_view name);

// The names in the rules of all routes.
std::set<std::string> names_of(const std::vector<Site>& sites);

// A hosts file with which all names are this machine.
std::string hosts_text(const std::set<std::string>& names);

}  // namespace ccci::ingress
