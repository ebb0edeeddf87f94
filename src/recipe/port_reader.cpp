// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <limits>

#include "recipe/draft.hpp"
#include "recipe/forms.hpp"

namespace ccci::recipe {

namespace {

// A range of ports may name all 65535; nobody publishes so many.
constexpr std::size_t most_ports = 1000;

bool is_protocol(std::string_view protocol) {
  return protocol == "tcp" || protocol == "udp" || protocol == "sctp";
}

struct ShortPort {
  std::string_view address;
  std::string_view published;
  std::string_view target;
  std::string protocol = "tcp";
};

// [ADDRESS:][PUBLISHED:]TARGET[/PROTOCOL]; an IPv6 address is in brackets.
ShortPort parts_of(std::string_view text) {
  ShortPort parts;
  if (const std::size_t slash = text.rfind('/'); slash != std::string_view::npos) {
    parts.protocol.clear();
    for (const char c : text.substr(slash + 1))
      parts.protocol += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    text = text.substr(0, slash);
  }
  const std::size_t last = text.rfind(':');
  parts.target = text.substr(last == std::string_view::npos ? 0 : last + 1);
  if (last == std::string_view::npos) return parts;
  text = text.substr(0, last);
  const std::size_t before = text.rfind(':');
  parts.published = text.substr(before == std::string_view::npos ? 0 : before + 1);
  if (before != std::string_view::npos) parts.address = text.substr(0, before);
  return parts;
}

void short_port(Reading& reading, const Node& node, const Trail& trail, const std::string& service,
                std::vector<Port>& ports) {
  const ShortPort parts = parts_of(node.text);
  const auto target = read_port_range(parts.target);
  const auto published = parts.published.empty()
                             ? std::pair<std::uint16_t, std::uint16_t>{0, 0}
                             : read_port_range(parts.published)
                                   .value_or(std::pair<std::uint16_t, std::uint16_t>{1, 0});
  const bool none = parts.published.empty();
  const bool ranges_fit = target && published.first <= published.second &&
                          (none || target->first == target->second ||
                           target->second - target->first == published.second - published.first);
  if (!ranges_fit || target->first == 0 || !is_protocol(parts.protocol)) {
    reading.wrong_value(node, trail, "[PUBLISHED:]TARGET[/PROTOCOL]");
    return;
  }
  if (!parts.address.empty())
    reading.deviates(service, "ports",
                     "a swarm cannot publish on one address; port " + std::string(parts.published) +
                         " is open on all addresses");
  const bool one_target = target->first == target->second;
  const int count = std::max(target->second - target->first, published.second - published.first);
  for (int i = 0; i <= count && ports.size() <= most_ports; ++i) {
    Port port;
    port.target = static_cast<std::uint16_t>(target->first + (one_target ? 0 : i));
    port.published = static_cast<std::uint16_t>(none ? 0 : published.first + i);
    port.protocol = parts.protocol;
    ports.push_back(std::move(port));
  }
}

// A port number; a text too, since Compose takes published ports as texts.
std::uint16_t port_number(Reading& reading, const Node& node, const Trail& trail) {
  if (node.kind == Node::Kind::text && !node.filled_in) {
    const auto number = read_number(node.text, std::numeric_limits<std::uint16_t>::max());
    if (!number) reading.wrong_value(node, trail, "a port number");
    return static_cast<std::uint16_t>(number.value_or(0));
  }
  const auto number = reading.count(node, trail);
  if (number && *number > std::numeric_limits<std::uint16_t>::max()) {
    reading.wrong_value(node, trail, "a port number up to 65535");
    return 0;
  }
  return static_cast<std::uint16_t>(number.value_or(0));
}

void port_mode(Reading& reading, const Node& node, const Trail& trail, Port& port) {
  const std::string mode = reading.text(node, trail).value_or("ingress");
  if (mode == "host")
    port.mode = Port::Mode::host;
  else if (mode != "ingress")
    reading.wrong_value(node, trail, "ingress or host");
}

void long_port(Reading& reading, const Node& node, const Trail& trail, const std::string& service,
               std::vector<Port>& ports) {
  static constexpr std::array<std::string_view, 4> known{"mode", "target", "published", "protocol"};
  Port port;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    if (member.key == "mode") {
      port_mode(reading, member.value, at, port);
    } else if (member.key == "target") {
      port.target = port_number(reading, member.value, at);
    } else if (member.key == "published") {
      port.published = port_number(reading, member.value, at);
    } else if (member.key == "protocol") {
      port.protocol = reading.text(member.value, at).value_or("tcp");
      if (!is_protocol(port.protocol)) reading.wrong_value(member.value, at, "tcp, udp or sctp");
    } else if (member.key == "host_ip") {
      reading.deviates(service, at.text(),
                       "a swarm cannot publish on one address; the port is open on all addresses");
    } else if (member.key == "name" || member.key == "app_protocol") {
      reading.deviates(service, at.text(), "a swarm has no such setting; it is ignored");
    } else if (!member.key.starts_with("x-")) {
      reading.unknown_key(member, trail, known);
    }
  }
  if (port.target != 0) {
    ports.push_back(std::move(port));
    return;
  }
  reading.report(base::fail("recipe.missing").with("key", trail.text()).with("missing", "target"),
                 node.at);
}

}  // namespace

std::vector<Port> read_ports(Reading& reading, const Node& node, const Trail& trail,
                             const std::string& service) {
  std::vector<Port> ports;
  if (node.kind != Node::Kind::list) {
    if (node.kind != Node::Kind::null) reading.wrong_type(node, trail, "a list");
    return ports;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    const Trail at = trail / i;
    if (item.kind == Node::Kind::map)
      long_port(reading, item, at, service, ports);
    else if (item.kind == Node::Kind::text || item.kind == Node::Kind::integer)
      short_port(reading, item, at, service, ports);
    else
      reading.wrong_type(item, at, "a text, a number or a map");
  }
  if (ports.size() > most_ports) {
    reading.report(base::fail("recipe.too-large")
                       .with("what", "ports of a service")
                       .with("limit", static_cast<long long>(most_ports)),
                   node.at);
    ports.resize(most_ports);
  }
  return ports;
}

}  // namespace ccci::recipe
