// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/site.hpp"

#include <algorithm>

namespace ccci::ingress {

namespace {
constexpr std::size_t longest_name = 253;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                  c == '_';
         });
}

std::set<std::string> names_of(const std::vector<Site>& sites) {
  std::set<std::string> names;
  for (const Site& site : sites)
    for (const recipe::Route& route : site.routing.routes)
      for (const recipe::Match& match : route.matches)
        if (is_name(match.host)) names.insert(match.host);
  return names;
}

std::string hosts_text(const std::set<std::string>& names) {
  std::string text = "127.0.0.1 localhost\n::1 localhost\n127.0.0.1 engine\n";
  for (const std::string& name : names)
    if (name != "localhost") text += "127.0.0.1 " + name + "\n";
  return text;
}

}  // namespace ccci::ingress
