// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/health_page.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "recipe/forms.hpp"

namespace ccci::recipe {

namespace {

constexpr std::string_view after_address = " \t\n\"';|&)<>";

// What a shell would fill in.
bool is_open(std::string_view text) { return text.find_first_of("$`\\{}") != text.npos; }

// "localhost:3000/api", "[::1]/x"
std::optional<HealthPage> page_at(std::string_view address, std::uint16_t usual_port) {
  HealthPage page;
  page.port = usual_port;
  const std::size_t slash = address.find('/');
  std::string_view authority = address.substr(0, slash);
  if (slash != std::string_view::npos) page.path = address.substr(slash);
  page.path.resize(std::min(page.path.size(), page.path.find('#')));
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (has_port) {
    const auto port =
        read_number(authority.substr(colon + 1), std::numeric_limits<std::uint16_t>::max());
    if (!port || *port == 0) return std::nullopt;
    page.port = static_cast<std::uint16_t>(*port);
  }
  if (authority.empty() || is_open(page.path)) return std::nullopt;
  return page;
}

// curl and wget need no scheme: `curl -s localhost:4000/health`. A name alone may be the value of
// an option, as in `--noproxy localhost`.
std::string_view bare_address(std::string_view text) {
  constexpr std::array<std::string_view, 3> hosts{"localhost", "127.0.0.1", "[::1]"};
  constexpr std::string_view before_address = " \t\n\"'";
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && before_address.find(text[at - 1]) == std::string_view::npos) continue;
    const std::string_view rest = text.substr(at);
    for (const std::string_view host : hosts) {
      const std::string_view after = rest.starts_with(host) ? rest.substr(host.size()) : "";
      if (after.starts_with(':') || after.starts_with('/'))
        return rest.substr(0, rest.find_first_of(after_address));
    }
  }
  return {};
}

bool asks_for_pages(const Healthcheck& check) {
  return std::any_of(check.test.begin(), check.test.end(), [](const std::string& word) {
    return word.find("curl") != std::string::npos || word.find("wget") != std::string::npos;
  });
}

bool strips(const Route& route, const std::string& prefix) {
  return std::any_of(
      route.middlewares.begin(), route.middlewares.end(), [&](const Middleware& one) {
        const auto* strip = std::get_if<StripPrefix>(&one);
        return strip != nullptr && std::find(strip->prefixes.begin(), strip->prefixes.end(),
                                             prefix) != strip->prefixes.end();
      });
}

}  // namespace

std::optional<HealthPage> health_page(const Healthcheck& check) {
  for (const std::string& word : check.test) {
    for (const std::string_view scheme : {"http://", "https://"}) {
      const std::size_t at = word.find(scheme);
      if (at == std::string::npos) continue;
      const std::string_view rest = std::string_view(word).substr(at + scheme.size());
      return page_at(rest.substr(0, rest.find_first_of(after_address)),
                     scheme == "http://" ? 80 : 443);
    }
  }
  if (!asks_for_pages(check)) return std::nullopt;
  for (const std::string& word : check.test)
    if (const std::string_view address = bare_address(word); !address.empty())
      return page_at(address, 80);
  return std::nullopt;
}

std::optional<std::string> routed_path(const HealthPage& page, const Route& route,
                                       const Match& match) {
  if (route.port != 0 && page.port != route.port) return std::nullopt;
  if (match.path.empty()) return page.path;
  if (match.exact_path) return std::nullopt;
  if (strips(route, match.path)) {
    std::string prefix = match.path;
    while (prefix.ends_with('/')) prefix.pop_back();
    return prefix + page.path;
  }
  if (page.path.starts_with(match.path)) return page.path;
  return std::nullopt;
}

}  // namespace ccci::recipe
