// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/listening.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ccci::run {

namespace {

constexpr std::size_t most_ports = 5;

std::vector<std::string> ports_in(const std::vector<engine::Listener>& listeners, bool own_only) {
  std::vector<std::string> ports;
  for (const engine::Listener& one : listeners)
    if (one.own_only == own_only && ports.size() < most_ports)
      ports.push_back(std::to_string(one.port));
  return ports;
}

std::string shown(const std::vector<std::string>& ports) {
  return (ports.size() == 1 ? "port " : "ports ") + base::join(ports, ", ");
}

}  // namespace

std::optional<Refusal> refusal_of(const recipe::Route& route, const recipe::Stack& stack,
                                  const std::vector<engine::Listener>& listeners) {
  const std::vector<std::string> open = ports_in(listeners, false);
  if (route.port == 0) {
    const std::string value = open.size() == 1 ? "=" + open.front() : " with the port of its pages";
    return Refusal{"add the label " + recipe::port_label(stack, route) + value, true};
  }
  const auto has = [&](bool own_only) {
    return std::find(listeners.begin(), listeners.end(), engine::Listener{route.port, own_only}) !=
           listeners.end();
  };
  const std::string port = "port " + std::to_string(route.port);
  if (has(false) && route.scheme != "https") return std::nullopt;
  // The proxy gives up a connection whose handshake fails as if nobody listened.
  if (has(false))
    return Refusal{"it listens on " + port + ", but not with TLS: remove the label of its scheme",
                   true};
  Refusal found;
  // A database inside of the container may listen for the container alone, long before the app.
  found.lasting = !open.empty() || has(true);
  if (has(true)) {
    found.text = "it listens on " + port + " of 127.0.0.1 only";
    if (open.empty()) found.text += ": let it listen on 0.0.0.0";
  } else if (listeners.empty()) {
    found.text = "it listens on no port";
  } else {
    found.text = "nothing listens on " + port;
  }
  if (!open.empty()) {
    const std::string label = recipe::port_label(stack, route);
    found.text += "; it listens on " + shown(open) + ": correct the label " + label + " to " +
                  (open.size() == 1 ? open.front() : "the one of its pages");
  } else if (!has(true) && !listeners.empty()) {
    found.text += "; it listens on " + shown(ports_in(listeners, true)) +
                  " of 127.0.0.1 only: let it listen on " + port + " of 0.0.0.0";
  }
  return found;
}

}  // namespace ccci::run
