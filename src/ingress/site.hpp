// SPDX-License-Identifier: GPL-3.0-or-later
// A deployed stack as the ingress sees it: which names lead where, and where its tasks answer.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/endpoints.hpp"
#include "recipe/route.hpp"

namespace ccci::ingress {

struct Site {
  std::string stack;  // its name: the service `app` is STACK_app
  recipe::Routing routing;
  std::vector<engine::Endpoint> endpoints;  // engine::find_endpoints() after each deployment
  std::set<std::uint16_t> published = {};   // TCP ports of the node that the stack has itself
};

// What a host name may contain. Lower case only.
bool is_name(std::string_view name);

// The names in the rules of all routes.
std::set<std::string> names_of(const std::vector<Site>& sites);

// A hosts file with which all names are this machine.
std::string hosts_text(const std::set<std::string>& names);

}  // namespace ccci::ingress
