// SPDX-License-Identifier: GPL-3.0-or-later
// What the Traefik labels of a stack say, as values: which names and paths lead to which port of
// which service. What the ingress cannot do is named, never left out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "recipe/stack.hpp"

namespace ccci::recipe {

// One of the alternatives of a rule: Host(`a`) && PathPrefix(`/b`).
struct Match {
  std::string host;         // lower case; empty: any
  std::string path;         // empty: any
  bool exact_path = false;  // Path(…), not PathPrefix(…)

  bool operator==(const Match&) const = default;
};

struct StripPrefix {
  std::vector<std::string> prefixes;

  bool operator==(const StripPrefix&) const = default;
};

struct RedirectScheme {
  std::string scheme;
  std::string port;
  bool permanent = false;

  bool operator==(const RedirectScheme&) const = default;
};

struct RedirectRegex {
  std::string regex;
  std::string replacement;
  bool permanent = false;

  bool operator==(const RedirectRegex&) const = default;
};

struct HeaderChange {
  std::string name;
  std::string value;         // empty: the header is removed
  bool secure_only = false;  // over TLS only

  bool operator==(const HeaderChange&) const = default;
};

struct Headers {
  std::vector<HeaderChange> request;
  std::vector<HeaderChange> response;

  bool operator==(const Headers&) const = default;
};

struct BasicAuth {
  std::map<std::string, std::string> users;  // name -> hash of the password
  std::string realm;
  std::string user_header;     // gets the user's name; empty: none
  bool remove_header = false;  // the app does not see what the user sent

  bool operator==(const BasicAuth&) const = default;
};

using Middleware = std::variant<StripPrefix, RedirectScheme, RedirectRegex, Headers, BasicAuth>;

struct Route {
  std::string router;
  std::string service;  // key in the stack
  std::vector<Match> matches;
  std::int64_t priority = 0;             // the label's, else the length of the rule, as in Traefik
  std::vector<std::string> entrypoints;  // empty: all
  bool tls = false;
  std::vector<Middleware> middlewares;  // in the order of the router
  std::uint16_t port = 0;               // 0: no label names it
  std::string scheme = "http";

  bool operator==(const Route&) const = default;
};

struct NotRouted {
  std::string service;
  std::string label;  // "traefik.tcp.routers.x.rule"
  std::string why;
  bool routed = false;  // the route exists, only without this middleware
  bool beside = false;  // of another protocol than HTTP: the routes of the app do not need it

  bool operator==(const NotRouted&) const = default;
};

struct Routing {
  std::vector<Route> routes;  // highest priority first
  std::vector<NotRouted> unverified;
};

// Reads the labels of the services (deploy.labels). A service needs traefik.enable=true.
Routing routing_of(const Stack& stack);

// The label that names the port of the route, or that should.
std::string port_label(const Stack& stack, const Route& route);

// The middleware `headers` from its labels by what follows its name, in lower case. Adds the
// options that it does not know to `unknown`.
Headers read_headers(const std::map<std::string, std::string>& properties,
                     std::vector<std::string>& unknown);

// A rule as its alternatives: "Host(`a`) || Host(`b`) && Path(`/c`)".
struct Rule {
  std::vector<Match> matches;  // those that the ingress can do
  std::string why;             // what is not supported; empty: `matches` are all
};
Rule read_rule(std::string_view rule);

}  // namespace ccci::recipe
