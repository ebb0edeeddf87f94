// SPDX-License-Identifier: GPL-3.0-or-later
// The sections of a compose file.
#include <algorithm>
#include <array>

#include "recipe/draft.hpp"

namespace ccci::recipe {

namespace {

// Services, networks, volumes, secrets, configs. More cannot be tested on one machine, and the
// number bounds all later work.
constexpr std::size_t most_of_a_kind = 1000;

// Docker's schema: ^[a-zA-Z0-9._-]+$
constexpr std::size_t longest_key = 128;

bool is_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

bool check_key(Reading& reading, const Member& member, const Trail& trail) {
  if (is_key(member.key) && member.key.size() <= longest_key) return true;
  if (is_key(member.key)) {
    reading.report(base::fail("recipe.long-name")
                       .with("name", member.key.substr(0, longest_key) + "…")
                       .with("length", static_cast<long long>(member.key.size()))
                       .with("limit", static_cast<long long>(longest_key)),
                   member.at);
    return false;
  }
  reading.report(base::fail("recipe.name").with("key", trail.text()).with("name", member.key),
                 member.at);
  return false;
}

// `external: true`, or the older `external: {name: X}`.
void read_external(Reading& reading, const Node& node, const Trail& trail, bool& external,
                   std::string& name) {
  if (node.kind != Node::Kind::map) {
    external = reading.boolean(node, trail).value_or(false);
    return;
  }
  external = true;
  const Node* older = node.find("name");
  if (older == nullptr) return;
  if (!name.empty())
    reading.report(base::fail("recipe.conflict")
                       .with("key", trail.text())
                       .with("one", "name")
                       .with("other", "external.name"),
                   node.at);
  name = reading.text(*older, trail / "name").value_or("");
}

void read_ipam(Reading& reading, const Node& node, const Trail& trail, Network& network) {
  static constexpr std::array<std::string_view, 2> known{"driver", "config"};
  if (!reading.is_map(node, trail)) return;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    if (member.key == "driver") {
      network.ipam_driver = reading.text(member.value, at).value_or("");
    } else if (member.key == "config") {
      if (member.value.kind != Node::Kind::list) reading.wrong_type(member.value, at, "a list");
      for (std::size_t i = 0; i < member.value.items.size(); ++i) {
        for (const Member& option : member.value.items[i].members) {
          if (option.key == "subnet") {
            if (auto subnet = reading.text(option.value, at / i / option.key))
              network.subnets.push_back(std::move(*subnet));
          } else {
            reading.deviates("", (at / i / option.key).text(),
                             "only `subnet` can be set in a swarm; it is ignored");
          }
        }
      }
    } else if (!member.key.starts_with("x-")) {
      reading.unknown_key(member, trail, known);
    }
  }
}

NetworkDraft read_network(Reading& reading, const Member& entry, const Trail& trail) {
  static constexpr std::array<std::string_view, 8> known{
      "name", "driver", "driver_opts", "ipam", "external", "internal", "attachable", "labels"};
  NetworkDraft draft;
  draft.at = entry.at;
  Network& network = draft.network;
  network.driver.clear();
  if (!reading.is_map(entry.value, trail)) return draft;
  for (const Member& member : entry.value.members) {
    const Trail at = trail / member.key;
    const Node& value = member.value;
    const std::string& key = member.key;
    if (key == "name")
      network.name = reading.text(value, at).value_or(network.name);
    else if (key == "driver")
      network.driver = reading.text(value, at).value_or("");
    else if (key == "driver_opts")
      network.driver_options = reading.labels(value, at);
    else if (key == "ipam")
      read_ipam(reading, value, at, network);
    else if (key == "external")
      read_external(reading, value, at, network.external, network.name);
    else if (key == "internal")
      network.internal = reading.boolean(value, at).value_or(false);
    else if (key == "attachable")
      network.attachable = reading.boolean(value, at).value_or(false);
    else if (key == "enable_ipv6")
      network.enable_ipv6 = reading.boolean(value, at).value_or(false);
    else if (key == "labels")
      network.labels = reading.labels(value, at);
    else if (!key.starts_with("x-"))
      reading.unknown_key(member, trail, known);
  }
  return draft;
}

VolumeDraft read_volume(Reading& reading, const Member& entry, const Trail& trail) {
  static constexpr std::array<std::string_view, 5> known{"name", "driver", "driver_opts",
                                                         "external", "labels"};
  VolumeDraft draft;
  draft.at = entry.at;
  Volume& volume = draft.volume;
  if (!reading.is_map(entry.value, trail)) return draft;
  for (const Member& member : entry.value.members) {
    const Trail at = trail / member.key;
    const Node& value = member.value;
    if (member.key == "name")
      volume.name = reading.text(value, at).value_or(volume.name);
    else if (member.key == "driver")
      volume.driver = reading.text(value, at).value_or("");
    else if (member.key == "driver_opts")
      volume.driver_options = reading.labels(value, at);
    else if (member.key == "external")
      read_external(reading, value, at, volume.external, volume.name);
    else if (member.key == "labels")
      volume.labels = reading.labels(value, at);
    else if (!member.key.starts_with("x-"))
      reading.unknown_key(member, trail, known);
  }
  const bool extra =
      !volume.driver.empty() || !volume.driver_options.empty() || !volume.labels.empty();
  if (volume.external && extra)
    reading.report(base::fail("recipe.conflict")
                       .with("key", trail.text())
                       .with("one", "external")
                       .with("other", "driver, driver_opts or labels"),
                   entry.at);
  return draft;
}

ContentDraft read_content(Reading& reading, const Member& entry, const Trail& trail) {
  static constexpr std::array<std::string_view, 5> known{"name", "file", "external", "labels",
                                                         "template_driver"};
  ContentDraft draft;
  draft.at = entry.at;
  Content& content = draft.content;
  if (!reading.is_map(entry.value, trail)) return draft;
  for (const Member& member : entry.value.members) {
    const Trail at = trail / member.key;
    const Node& value = member.value;
    const std::string& key = member.key;
    if (key == "name")
      content.name = reading.text(value, at).value_or(content.name);
    else if (key == "file")
      draft.file = reading.text(value, at).value_or("");
    else if (key == "content")
      content.content = reading.text(value, at).value_or("");
    else if (key == "external")
      read_external(reading, value, at, content.external, content.name);
    else if (key == "labels")
      content.labels = reading.labels(value, at);
    else if (key == "template_driver")
      content.template_driver = reading.text(value, at).value_or("");
    else if (key == "driver" || key == "driver_opts" || key == "environment")
      reading.report(base::fail("recipe.forbidden")
                         .with("key", at.text())
                         .with("remedy", "use `file`, or `external: true`"),
                     member.at);
    else if (!key.starts_with("x-"))
      reading.unknown_key(member, trail, known);
  }
  return draft;
}

template <typename Value, typename Read>
void read_section(Reading& reading, const Node& node, const Trail& trail, Keyed<Value>& out,
                  Read read) {
  if (!reading.is_map(node, trail)) return;
  if (node.members.size() > most_of_a_kind) {
    reading.report(base::fail("recipe.too-large")
                       .with("what", trail.key)
                       .with("limit", static_cast<long long>(most_of_a_kind)),
                   node.at);
    return;
  }
  for (const Member& entry : node.members) {
    if (entry.key.starts_with("x-")) continue;
    if (check_key(reading, entry, trail))
      out.emplace_back(entry.key, read(reading, entry, trail / entry.key));
  }
}

}  // namespace

Draft read_draft(Reading& reading, const Node& root) {
  static constexpr std::array<std::string_view, 6> known{"version", "services", "networks",
                                                         "volumes", "secrets",  "configs"};
  Draft draft;
  const Trail top;
  if (root.kind != Node::Kind::map) {
    reading.report(base::fail("recipe.no-map"), root.at);
    return draft;
  }
  for (const Member& member : root.members) {
    const Trail at = top / member.key;
    const Node& value = member.value;
    if (member.key == "services") {
      read_section(reading, value, at, draft.services, read_service);
    } else if (member.key == "networks") {
      read_section(reading, value, at, draft.networks, read_network);
    } else if (member.key == "volumes") {
      read_section(reading, value, at, draft.volumes, read_volume);
    } else if (member.key == "secrets") {
      read_section(reading, value, at, draft.secrets, read_content);
    } else if (member.key == "configs") {
      read_section(reading, value, at, draft.configs, read_content);
    } else if (member.key == "name") {
      reading.deviates("", "name", "the stack's name comes from the domain or from STACK_NAME");
    } else if (member.key == "include") {
      reading.report(base::fail("recipe.forbidden")
                         .with("key", "include")
                         .with("remedy", "name the file in COMPOSE_FILE"),
                     member.at);
    } else if (member.key != "version" && !member.key.starts_with("x-")) {
      reading.unknown_key(member, top, known);
    }
  }
  return draft;
}

}  // namespace ccci::recipe
