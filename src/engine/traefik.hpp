// SPDX-License-Identifier: GPL-3.0-or-later
// A Traefik that is in a shared engine already: where it is reached, and whether a test may go
// through it. Pure functions of what the API says, apart from find_traefik(api).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/json.hpp"
#include "base/result.hpp"
#include "engine/api.hpp"
#include "recipe/stack.hpp"

namespace ccci::engine {

struct Traefik {
  std::string service;  // its name
  std::string network;  // name of the network that it shares with apps
  std::string address;  // of its published ports, from the engine's network
  // The published ports of its entry points for HTTP and for HTTPS, and all names of entry points.
  std::uint16_t plain = 0;
  std::uint16_t secure = 0;
  std::set<std::string> entries;
  // Names in the rules of services that are there, whoever has them.
  std::set<std::string> taken;
  std::string why_not;  // why it cannot be used; empty: it can

  bool operator==(const Traefik&) const = default;
};

// Its static settings, in lower case: "entrypoints.web.address" -> ":80". From the command line,
// the environment, and a configuration file in YAML. `configs` are the texts by id.
std::map<std::string, std::string> traefik_settings(
    const base::Json& service, const std::map<std::string, std::string>& configs);

// `services` and `networks` are the answers of the API. Nothing if there is no Traefik.
std::optional<Traefik> find_traefik(const base::Json& services, const base::Json& networks,
                                    const std::map<std::string, std::string>& configs);
base::Result<std::optional<Traefik>> find_traefik(const Api& api);

// The names of routers, services and middlewares that labels of the stack define, in lower case.
std::set<std::string> names_defined(const recipe::Stack& stack);

// The labels of a service of the stack for a Traefik that others use too. Names that the stack
// defines begin with its own, no certificate is asked for, and the network is Traefik's.
recipe::Labels labels_for(const recipe::Labels& labels, const recipe::Stack& stack,
                          const Traefik& traefik);

// Puts `fitted`, the stack as the engine gets it, behind Traefik; `stack` has the recipe's labels.
// Its services with labels of Traefik are in one more network, where they have no other name than
// the service's own: what others have there must not find them by `app`.
void put_behind(const Traefik& traefik, const recipe::Stack& stack, recipe::Stack& fitted);

}  // namespace ccci::engine
