// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/endpoints.hpp"

#include "base/url.hpp"
#include "engine/snapshot.hpp"

namespace ccci::engine {

namespace {

using base::Json;

constexpr const char* gateway_network = "/networks/docker_gwbridge";
constexpr std::size_t short_id = 12;

// "172.18.0.3/16" -> "172.18.0.3"
std::string without_mask(const std::string& address) {
  return address.substr(0, address.find('/'));
}

Json gateway_spec() {
  Json json{{"Name", "docker_gwbridge"}, {"CheckDuplicate", true}, {"Driver", "bridge"}};
  json["Options"] = Json{{"com.docker.network.bridge.name", "docker_gwbridge"},
                         {"com.docker.network.bridge.enable_icc", "false"},
                         {"com.docker.network.bridge.enable_ip_masquerade", "true"}};
  return json;
}

// The bridge that the engine connects every task to names sandboxes, not containers.
base::Result<std::map<std::string, std::string>> gateways(const Api& api) {
  std::map<std::string, std::string> addresses;
  CCCI_TRY(const std::optional<Json> bridge, api.find(gateway_network));
  if (!bridge) return addresses;
  for (const Json::Member& member : (*bridge)["Containers"].items()) {
    addresses[member.value["Name"].text_or_empty()] =
        without_mask(member.value["IPv4Address"].text_or_empty());
  }
  return addresses;
}

}  // namespace

base::Result<std::string> engine_address(const Api& api) {
  CCCI_TRY(std::optional<Json> bridge, api.find(gateway_network));
  if (!bridge) {
    // With the options that the engine itself gives it. If the engine was faster, it refuses.
    const auto made = api.post("/networks/create", gateway_spec());
    if (!made && !made.error().is(base::Condition::refused)) return base::unexpected(made.error());
    CCCI_TRY(bridge, api.find(gateway_network));
  }
  if (!bridge) return std::string();
  return without_mask((*bridge)["IPAM"]["Config"][0]["Gateway"].text_or_empty());
}

base::Result<std::vector<Endpoint>> find_endpoints(const Api& api, const std::string& stack) {
  CCCI_TRY(const Snapshot snapshot, take_snapshot(api, stack));
  CCCI_TRY(const auto bridge, gateways(api));
  std::vector<Endpoint> found;
  for (const Service& service : snapshot.services) {
    for (const Task* task : snapshot.tasks_of(service)) {
      if (task->state != TaskState::running || task->container.empty()) continue;
      CCCI_TRY(const std::optional<Json> container,
               api.find("/containers/" + base::percent_encoded(task->container) + "/json"));
      if (!container) continue;
      Endpoint endpoint{service.name, task->id, task->container, "", {}};
      const Json& settings = (*container)["NetworkSettings"];
      const std::string sandbox = settings["SandboxID"].text_or_empty().substr(0, short_id);
      if (const auto at = bridge.find("gateway_" + sandbox); at != bridge.end()) {
        endpoint.gateway = at->second;
      }
      for (const Json::Member& network : settings["Networks"].items()) {
        // Such a task is in the engine's network namespace itself.
        if (network.name == "host") endpoint.gateway = "127.0.0.1";
        endpoint.networks[network.name] = network.value["IPAddress"].text_or_empty();
      }
      found.push_back(std::move(endpoint));
    }
  }
  return found;
}

}  // namespace ccci::engine
