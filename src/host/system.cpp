// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/system.hpp"

#include <set>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "host/attachment.hpp"
#include "host/small_object.hpp"

namespace ccci::host {

namespace {

// The commands of the declared tools. Commands of Essential packages are left out, because every
// host has its own.
std::set<std::string> tool_commands(const environment::Environment& environment) {
  std::set<std::string> names;
  for (const environment::Exposed& exposed : environment.exposed) {
    if (exposed.package.empty()) continue;
    for (const environment::Command& command : exposed.commands) names.insert(command.name);
  }
  return names;
}

// The files that a runner's drop-in mounts over the host's.
PlannedObject overlay_object(const std::string& runner, const std::vector<Overlay>& overlays) {
  PlannedObject planned;
  std::string inputs = "overlays 1\n";
  for (const Overlay& overlay : overlays) {
    planned.object.files.push_back({overlay.name, overlay.content, false});
    inputs += overlay.name + "\n" + overlay.content;
  }
  planned.address = store::address(store::Kind::system, "runner-" + runner, inputs);
  return planned;
}

std::string describe(const System& system, const declare::Health& health) {
  base::Json json{{"schema", 1},
                  {"host", system.host},
                  {"environment", system.environment->address.hash},
                  {"commands", system.commands},
                  {"units", base::Json::object()}};
  for (const UnitFile& unit : system.units) {
    json["units"][unit.path] = base::sha256(unit.content).hex();
  }
  // Health is part of the object, because another machine that activates it has no declaration.
  json["health"] = {{"units", health.units},
                    {"commands", health.commands},
                    {"deadline", health.deadline.count()}};
  return json.dump(1) + "\n";
}

}  // namespace

SharedPart plan_shared_part(const store::Store& store, const declare::Declaration& declaration,
                            const environment::Environment& shared,
                            const std::map<std::string, EntrypointObject>& entrypoints,
                            const EntrypointObject& shared_entrypoint) {
  SharedPart part;
  part.needs = {shared_entrypoint.address};
  for (const std::string& name : tool_commands(shared)) {
    part.commands[name] = shared_entrypoint.path;
  }
  std::map<std::string, std::string> paths;
  for (const auto& [name, entrypoint] : entrypoints) {
    paths[name] = entrypoint.path;
    part.commands[name] = entrypoint.path;
    part.needs.push_back(entrypoint.address);
  }
  for (const auto& [name, timer] : declaration.timers) {
    for (UnitFile& unit : timer_units(timer, paths, shared)) {
      part.units.push_back({std::move(unit), timer.hosts});
    }
  }
  for (UnitFile& unit : notify_units(declaration.notify))
    part.units.push_back({std::move(unit), {}});
  for (UnitFile& unit : sweep_units(declaration.sweep))
    part.units.push_back({std::move(unit), declaration.sweep.hosts});
  const std::string path = runner_path(shared, entrypoints);
  for (const auto& [name, runner] : declaration.runners) {
    const std::vector<Overlay> overlays = runner_overlays(runner, shared, path);
    std::string directory;
    if (!overlays.empty()) {
      part.overlays.push_back(overlay_object(name, overlays));
      const store::Address& address = part.overlays.back().address;
      part.needs.push_back(address);
      directory = store.path(address).native() + "/root";
    }
    if (auto drop_in = runner_drop_in(runner, shared, path, directory)) {
      part.units.push_back({*std::move(drop_in), runner.hosts});
    }
  }
  return part;
}

System plan_system(const store::Store& store, const declare::Declaration& declaration,
                   const std::string& host, const SharedPart& shared,
                   std::shared_ptr<const environment::Environment> own,
                   const EntrypointObject& own_entrypoint) {
  System system;
  system.host = host;
  system.paths = own->paths();
  // On every host the shared tools use the one shared entrypoint, even if the host has extra tools.
  system.commands = shared.commands;
  for (const std::string& name : tool_commands(*own)) {
    system.commands.try_emplace(name, own_entrypoint.path);
  }
  system.environment = std::move(own);
  for (const SharedPart::Unit& unit : shared.units) {
    if (declare::is_on(unit.hosts, host)) system.units.push_back(unit.file);
  }
  system.needs = shared.needs;
  system.needs.push_back(own_entrypoint.address);
  const std::string inputs = "system 2\n" + describe(system, declare::health_of(declaration, host));
  system.address = store::address(store::Kind::system, system.host, inputs);
  system.path = store.path(system.address).native();
  return system;
}

base::Result<void> publish_system(store::Store& store, const declare::Declaration& declaration,
                                  System& system) {
  SmallObject object;
  object.needs = system.needs;
  for (const auto& [name, target] : system.commands) {
    object.links.push_back({"bin/" + name, target});
  }
  for (const UnitFile& unit : system.units) {
    object.files.push_back({"systemd/" + unit.path, unit.content, false});
  }
  object.files.push_back(
      {"system.json", describe(system, declare::health_of(declaration, system.host)), false});
  CCCI_TRY(system.digest, publish_small(store, system.address, object));
  return {};
}

}  // namespace ccci::host
