// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/system.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "host/attachment.hpp"
#include "host/small_object.hpp"

namespace ccci::host {

namespace {

// The commands of the declared tools. Those of Essential packages every host has of its own.
std::set<std::string> tool_commands(const environment::Environment& environment) {
  std::set<std::string> names;
  for (const environment::Exposed& exposed : environment.exposed) {
    if (exposed.package.empty()) continue;
    for (const environment::Command& command : exposed.commands) names.insert(command.name);
  }
  return names;
}

// The files that a runner's drop-in mounts over the host's; an empty path where there are none.
base::Result<std::string> publish_overlays(store::Store& store, const std::string& runner,
                                           const std::vector<Overlay>& overlays,
                                           std::vector<store::Address>& needs) {
  if (overlays.empty()) return std::string();
  SmallObject object;
  std::string inputs = "overlays 1\n";
  for (const Overlay& overlay : overlays) {
    object.files.push_back({overlay.name, overlay.content, false});
    inputs += overlay.name + "\n" + overlay.content;
  }
  const store::Address address = store::address(store::Kind::system, "runner-" + runner, inputs);
  CCCI_TRY(const std::string digest, publish_small(store, address, object));
  needs.push_back(address);
  return store.path(address).native() + "/root";
}

// The same on every host: a host's extra tools reach neither its timers nor its runners.
base::Result<std::vector<UnitFile>> units(
    store::Store& store, const declare::Declaration& declaration,
    const environment::Environment& shared,
    const std::map<std::string, EntrypointObject>& entrypoints,
    std::vector<store::Address>& needs) {
  std::vector<UnitFile> all;
  for (const auto& [name, timer] : declaration.timers) {
    for (UnitFile& unit : timer_units(timer, entrypoints.at(timer.exec.front()).path)) {
      all.push_back(std::move(unit));
    }
  }
  const std::string path = runner_path(shared, entrypoints);
  for (const auto& [name, runner] : declaration.runners) {
    CCCI_TRY(const std::string overlays,
             publish_overlays(store, name, runner_overlays(runner, shared, path), needs));
    if (auto drop_in = runner_drop_in(runner, shared, path, overlays)) {
      all.push_back(*std::move(drop_in));
    }
  }
  return all;
}

std::string describe(const System& system, const declare::Health& health) {
  base::Json json{{"schema", 1},
                  {"host", system.host},
                  {"environment", system.environment.address.hash},
                  {"commands", system.commands},
                  {"units", base::Json::object()}};
  for (const UnitFile& unit : system.units) {
    json["units"][unit.path] = base::sha256(unit.content).hex();
  }
  // Part of the object: who activates it on another machine has no declaration.
  json["health"] = {{"units", health.units},
                    {"commands", health.commands},
                    {"deadline", health.deadline.count()}};
  return json.dump(1) + "\n";
}

}  // namespace

base::Result<System> publish_system(store::Store& store, const declare::Declaration& declaration,
                                    const declare::Host& host,
                                    const environment::Environment& shared,
                                    const environment::Environment& own,
                                    const std::map<std::string, EntrypointObject>& entrypoints,
                                    const EntrypointObject& shared_entrypoint,
                                    const EntrypointObject& own_entrypoint) {
  System system;
  system.host = host.name.text;
  system.environment = own;
  system.paths = own.paths();
  for (const std::string& name : tool_commands(own)) system.commands[name] = own_entrypoint.path;
  // The shared tools go through the one entrypoint on every host, whatever extras a host has.
  for (const std::string& name : tool_commands(shared)) {
    system.commands[name] = shared_entrypoint.path;
  }
  SmallObject object;
  object.needs = {shared_entrypoint.address, own_entrypoint.address};
  for (const auto& [name, entrypoint] : entrypoints) {
    system.commands[name] = entrypoint.path;
    object.needs.push_back(entrypoint.address);
  }
  for (const auto& [name, target] : system.commands)
    object.links.push_back({"bin/" + name, target});
  CCCI_TRY(system.units, units(store, declaration, shared, entrypoints, object.needs));
  for (const UnitFile& unit : system.units) {
    object.files.push_back({"systemd/" + unit.path, unit.content, false});
  }
  const std::string description = describe(system, declaration.health);
  object.files.push_back({"system.json", description, false});
  const std::string inputs = "system 2\n" + description;
  system.address = store::address(store::Kind::system, system.host, inputs);
  CCCI_TRY(system.digest, publish_small(store, system.address, object));
  system.path = store.path(system.address).native();
  return system;
}

}  // namespace ccci::host
