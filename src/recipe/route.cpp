// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/route.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "base/text.hpp"
#include "recipe/forms.hpp"

namespace ccci::recipe {

namespace {

constexpr int deepest_chain = 5;
constexpr int most_middlewares = 200;  // of a router, with those of chains
constexpr std::array<std::string_view, 6> harmless{"compress",  "ratelimit",   "retry",
                                                   "buffering", "inflightreq", "circuitbreaker"};
constexpr std::string_view remedy_for_users =
    ", a file in Traefik's container, which a test does not have: name the users in "
    "basicauth.users";

// The labels of one router, service or middleware, by what follows its name.
using Properties = std::map<std::string, std::string>;

std::string lower_label(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

bool is_true(const std::string& text) { return lower_label(text) == "true"; }

std::string_view value_in(const Properties& properties, const std::string& key) {
  const auto found = properties.find(key);
  return found == properties.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<std::string> words_in(std::string_view list) {
  std::vector<std::string> words;
  for (const std::string_view word : base::split(list, ','))
    if (const std::string_view trimmed = base::trim(word); !trimmed.empty())
      words.emplace_back(trimmed);
  return words;
}

// Middlewares, routers and services are names for all of Traefik, so any service may define them.
struct Definitions {
  std::map<std::string, Properties> middlewares;
  std::map<std::string, Properties> services;
};

class RouteReader {
 public:
  explicit RouteReader(const Stack& stack) : stack_(stack) {
    for (const Service& service : stack.services) define(service);
  }

  Routing run() {
    for (const Service& service : stack_.services) read(service);
    std::stable_sort(routing_.routes.begin(), routing_.routes.end(),
                     [](const Route& a, const Route& b) { return a.priority > b.priority; });
    return std::move(routing_);
  }

 private:
  static bool enabled(const Service& service) {
    for (const auto& [key, value] : service.deploy.labels)
      if (lower_label(key) == "traefik.enable") return is_true(value);
    return false;
  }

  void define(const Service& service) {
    if (!enabled(service)) return;
    for (const auto& [label, value] : service.deploy.labels) {
      const std::string key = lower_label(label);
      take(key, "traefik.http.middlewares.", value, all_.middlewares);
      take(key, "traefik.http.services.", value, all_.services);
    }
  }

  // "traefik.http.routers.NAME.REST" into out[NAME][REST].
  static bool take(const std::string& key, std::string_view prefix, const std::string& value,
                   std::map<std::string, Properties>& out) {
    if (!key.starts_with(prefix)) return false;
    const std::string_view rest = std::string_view(key).substr(prefix.size());
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return true;
    out[std::string(rest.substr(0, dot))][std::string(rest.substr(dot + 1))] = value;
    return true;
  }

  void read(const Service& service) {
    if (!enabled(service)) return;
    std::map<std::string, Properties> routers;
    std::map<std::string, Properties> own_services;
    for (const auto& [label, value] : service.deploy.labels) {
      const std::string key = lower_label(label);
      if (take(key, "traefik.http.routers.", value, routers)) continue;
      if (take(key, "traefik.http.services.", value, own_services)) continue;
      if (key.starts_with("traefik.tcp.") && key.ends_with(".rule"))
        beside(service, label, "TCP routers are not supported");
      if (key.starts_with("traefik.udp.") && key.ends_with(".entrypoints"))
        beside(service, label, "UDP routers are not supported");
    }
    for (const auto& [name, properties] : routers) route(service, name, properties, own_services);
  }

  void unverified(const Service& service, const std::string& label, std::string why,
                  bool routed = false) {
    routing_.unverified.push_back({service.key, label, std::move(why), routed});
  }

  void beside(const Service& service, const std::string& label, std::string why) {
    unverified(service, label, std::move(why));
    routing_.unverified.back().beside = true;
  }

  void route(const Service& service, const std::string& name, const Properties& properties,
             const std::map<std::string, Properties>& own_services) {
    const std::string label = "traefik.http.routers." + name;
    const std::string_view rule = value_in(properties, "rule");
    Rule read = read_rule(rule);
    if (!read.why.empty()) unverified(service, label + ".rule", read.why);
    if (read.matches.empty()) return;
    Route route;
    route.router = name;
    route.service = service.key;
    route.matches = std::move(read.matches);
    route.priority = static_cast<std::int64_t>(rule.size());
    if (const auto priority =
            read_number(value_in(properties, "priority"), std::numeric_limits<std::int32_t>::max());
        priority && *priority > 0)
      route.priority = static_cast<std::int64_t>(*priority);
    route.entrypoints = words_in(value_in(properties, "entrypoints"));
    for (const auto& [key, value] : properties)
      route.tls = route.tls || (key == "tls" && is_true(value)) || key.starts_with("tls.");
    if (!backend(service, label, properties, own_services, route)) return;
    if (!middlewares(service, label, properties, route)) return;
    routing_.routes.push_back(std::move(route));
  }

  // The Traefik service of a router: the one that it names, else the only one of the container.
  bool backend(const Service& service, const std::string& label, const Properties& properties,
               const std::map<std::string, Properties>& own_services, Route& route) {
    std::string named(value_in(properties, "service"));
    if (named.ends_with("@internal")) {
      unverified(service, label + ".service", "'" + named + "' is a page of Traefik's own");
      return false;
    }
    named = lower_label(named.substr(0, named.find('@')));
    const Properties* target = nullptr;
    if (!named.empty()) {
      const auto found = all_.services.find(named);
      if (found != all_.services.end()) target = &found->second;
      if (target == nullptr) {
        unverified(service, label + ".service", "no label defines the service '" + named + "'");
        return false;
      }
      if (!own_services.contains(named)) route.service = owner_of(named);
    } else if (own_services.size() == 1) {
      target = &own_services.begin()->second;
    } else if (own_services.size() > 1) {
      unverified(service, label + ".service",
                 "the router does not say which of several services it means");
      return false;
    }
    if (target == nullptr) return true;
    const std::string_view port = value_in(*target, "loadbalancer.server.port");
    const auto number = read_number(port, std::numeric_limits<std::uint16_t>::max());
    if (!port.empty() && (!number || *number == 0)) {
      unverified(service, label + ".service", "port '" + std::string(port) + "' is no number");
      return false;
    }
    route.port = static_cast<std::uint16_t>(number.value_or(0));
    const std::string_view scheme = value_in(*target, "loadbalancer.server.scheme");
    if (!scheme.empty()) route.scheme = lower_label(scheme);
    if (route.scheme == "http" || route.scheme == "https" || route.scheme == "h2c") return true;
    unverified(service, label + ".service", "scheme '" + route.scheme + "' is not supported");
    return false;
  }

  // The stack's service whose labels define the Traefik service.
  std::string owner_of(const std::string& name) const {
    const std::string prefix = "traefik.http.services." + name + ".";
    for (const Service& service : stack_.services)
      for (const auto& [label, value] : service.deploy.labels)
        if (lower_label(label).starts_with(prefix)) return service.key;
    return {};
  }

  bool middlewares(const Service& service, const std::string& label, const Properties& properties,
                   Route& route) {
    named_ = 0;
    return chain(service, label + ".middlewares", value_in(properties, "middlewares"), route, 0);
  }

  bool chain(const Service& service, const std::string& label, std::string_view list, Route& route,
             int depth) {
    for (const std::string& word : words_in(list)) {
      // Chains of chains could name more than there is time for.
      if (++named_ > most_middlewares) {
        unverified(service, label,
                   "more than " + std::to_string(most_middlewares) + " middlewares");
        return false;
      }
      const std::size_t at = word.find('@');
      const std::string name = lower_label(word.substr(0, at));
      const auto found = all_.middlewares.find(name);
      if (at != std::string::npos && word.substr(at) == "@file") {
        unverified(service, label, "'" + word + "' is in a file of Traefik's");
        return false;
      }
      if (found == all_.middlewares.end()) {
        unverified(service, label, "no label defines the middleware '" + word + "'");
        return false;
      }
      const std::string_view below = value_in(found->second, "chain.middlewares");
      if (!below.empty() && depth < deepest_chain) {
        if (!chain(service, label, below, route, depth + 1)) return false;
        continue;
      }
      if (middleware(found->second, route)) continue;
      if (found->second.begin()->first.starts_with("headers.")) {
        headers(service, label, name, found->second, route);
        continue;
      }
      if (const auto file = found->second.find("basicauth.usersfile");
          file != found->second.end()) {
        std::string why = "'";
        why.append(name).append("' takes its users from basicauth.usersfile=").append(file->second);
        unverified(service, label, why.append(remedy_for_users));
        return false;
      }
      std::string kind = found->second.begin()->first;
      kind.resize(std::min(kind.size(), kind.find('.')));
      const bool routed = leaves_the_way(kind) || is_for_errors_only(found->second);
      std::string why = "'";
      why.append(name).append("' is of the kind ").append(kind).append(", which is not supported");
      unverified(service, label, std::move(why), routed);
      if (!routed) return false;
    }
    return true;
  }

  void headers(const Service& service, const std::string& label, const std::string& name,
               const Properties& properties, Route& route) {
    std::vector<std::string> unknown;
    route.middlewares.emplace_back(read_headers(properties, unknown));
    for (const std::string& option : unknown) {
      std::string why = "'";
      why.append(name).append("' has the option headers.").append(option);
      unverified(service, label, why.append(", which is not supported"), true);
    }
  }

  // Without such a middleware the same request still gets the same page.
  static bool leaves_the_way(std::string_view kind) {
    return std::find(harmless.begin(), harmless.end(), kind) != harmless.end();
  }

  // Error pages keep the status, and good pages stay as they are: "500-599,404".
  static bool is_for_errors_only(const Properties& properties) {
    const std::vector<std::string> ranges = words_in(value_in(properties, "errors.status"));
    return !ranges.empty() &&
           std::all_of(ranges.begin(), ranges.end(), [](const std::string& range) {
             return range.size() >= 3 && (range[0] == '4' || range[0] == '5');
           });
  }

  static BasicAuth basic_auth(const Properties& properties) {
    BasicAuth auth;
    for (const std::string& user : words_in(value_in(properties, "basicauth.users"))) {
      const std::size_t colon = std::min(user.find(':'), user.size());
      auth.users[user.substr(0, colon)] = user.substr(std::min(colon + 1, user.size()));
    }
    auth.realm = value_in(properties, "basicauth.realm");
    if (auth.realm.empty()) auth.realm = "traefik";
    auth.user_header = value_in(properties, "basicauth.headerfield");
    auth.remove_header = is_true(std::string(value_in(properties, "basicauth.removeheader")));
    return auth;
  }

  static bool middleware(const Properties& properties, Route& route) {
    // A file of users is one of Traefik's container.
    if (properties.contains("basicauth.users") && !properties.contains("basicauth.usersfile")) {
      route.middlewares.emplace_back(basic_auth(properties));
      return true;
    }
    if (const std::string_view list = value_in(properties, "stripprefix.prefixes"); !list.empty()) {
      route.middlewares.emplace_back(StripPrefix{words_in(list)});
      return true;
    }
    if (properties.contains("redirectscheme.scheme")) {
      route.middlewares.emplace_back(
          RedirectScheme{std::string(value_in(properties, "redirectscheme.scheme")),
                         std::string(value_in(properties, "redirectscheme.port")),
                         is_true(std::string(value_in(properties, "redirectscheme.permanent")))});
      return true;
    }
    if (properties.contains("redirectregex.regex")) {
      route.middlewares.emplace_back(
          RedirectRegex{std::string(value_in(properties, "redirectregex.regex")),
                        std::string(value_in(properties, "redirectregex.replacement")),
                        is_true(std::string(value_in(properties, "redirectregex.permanent")))});
      return true;
    }
    return false;
  }

  const Stack& stack_;
  Definitions all_;
  Routing routing_;
  int named_ = 0;  // middlewares of the present router
};

}  // namespace

Routing routing_of(const Stack& stack) { return RouteReader(stack).run(); }

std::string port_label(const Stack& stack, const Route& route) {
  constexpr std::string_view services = "traefik.http.services.";
  constexpr std::string_view port = ".loadbalancer.server.port";
  for (const Service& service : stack.services)
    for (const auto& [label, value] : service.deploy.labels) {
      const std::string key = lower_label(label);
      if (key.starts_with(services) && key.ends_with(port) && value == std::to_string(route.port) &&
          service.key == route.service)
        return label;
    }
  return std::string(services) + route.router + std::string(port);
}

}  // namespace ccci::recipe
