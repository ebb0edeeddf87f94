// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tenant.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/text.hpp"

namespace ccci::engine {

namespace {

// Traefik would ask for certificates of the test's names, and a backup would take the test's data.
constexpr std::array<std::string_view, 2> watched{"traefik.", "backupbot."};

// A fixed name would be that of another run, or of something that is not the run's.
template <typename Parts>
void take_own_names(recipe::Stack& stack, const char* kind, Parts& parts) {
  for (auto& [key, part] : parts) {
    const std::string own = stack.name + "_";
    if (part.name.starts_with(own)) continue;
    stack.deviations.push_back(
        {"", std::string(kind) + "." + key,
         "it is called " + own + key + " and not " + part.name + ": the engine is shared"});
    part.name = own + key;
  }
}

bool hide_watched(recipe::Labels& labels) {
  return std::erase_if(labels, [](const auto& label) {
           return label.first == "backupbot" ||
                  std::any_of(watched.begin(), watched.end(), [&](std::string_view start) {
                    return label.first.starts_with(start);
                  });
         }) > 0;
}

void let_ports_be_chosen(recipe::Service& service, std::vector<recipe::Deviation>& deviations) {
  std::vector<std::string> given_up;
  for (recipe::Port& port : service.ports) {
    if (port.published == 0) continue;
    given_up.push_back(std::to_string(port.published));
    port.published = 0;
  }
  if (given_up.empty()) return;
  deviations.push_back({service.key, "ports",
                        "the engine chooses the published port instead of " +
                            base::join(given_up, ", ") + ": the engine is shared"});
}

// What `path` of an engine at the usual places is in this one; empty: nothing of an engine.
std::string place_in(const std::string& path, const EnginePlaces& places) {
  constexpr std::string_view usual_data = "/var/lib/docker";
  std::string plain = std::filesystem::path(path).lexically_normal().native();
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  if (plain == "/var/run/docker.sock" || plain == "/run/docker.sock") return places.socket;
  if (plain == usual_data || plain.starts_with(std::string(usual_data) + "/"))
    return places.data + plain.substr(usual_data.size());
  return {};
}

}  // namespace

recipe::Labels Tenant::marks() const { return {{lease_label, lease}, {run_label, run}}; }

recipe::Stack with_own_parts(recipe::Stack stack) {
  const auto tell = [&](const char* kind, const std::string& name, const char* what) {
    stack.deviations.push_back({"", kind, "'" + name + "' is external: " + what});
  };
  for (auto& [key, network] : stack.networks) {
    if (!network.external) continue;
    // The one of Traefik: the ingress is in its place.
    if (network.name != "proxy")
      tell("networks", network.name, "the test has one of its own, where nobody else is");
    network.external = false;
    network.driver = "overlay";
    network.attachable = true;
  }
  for (auto& [key, volume] : stack.volumes) {
    if (volume.external) tell("volumes", volume.name, "the test begins with an empty one");
    volume.external = false;
  }
  return stack;
}

void lead_to_engine(recipe::Stack& stack, const EnginePlaces& places) {
  for (recipe::Service& service : stack.services) {
    for (recipe::Mount& mount : service.mounts) {
      if (mount.type != recipe::Mount::Type::bind) continue;
      std::string place = place_in(mount.source, places);
      if (place.empty() || place == mount.source) continue;
      stack.deviations.push_back(
          {service.key, "volumes", mount.source + " is that of the engine of the test"});
      mount.source = std::move(place);
    }
  }
}

recipe::Stack among_others(recipe::Stack stack, const Tenant& tenant, const std::string& node) {
  stack = with_own_parts(std::move(stack));
  stack.marks = tenant.marks();
  take_own_names(stack, "networks", stack.networks);
  take_own_names(stack, "volumes", stack.volumes);
  take_own_names(stack, "secrets", stack.secrets);
  take_own_names(stack, "configs", stack.configs);
  for (recipe::Service& service : stack.services) {
    let_ports_be_chosen(service, stack.deviations);
    // Images and volumes of the run are on this node only.
    service.deploy.constraints.push_back("node.id==" + node);
    const bool of_service = hide_watched(service.deploy.labels);
    const bool of_container = hide_watched(service.labels);
    if (of_service || of_container) {
      stack.deviations.push_back({service.key, "labels",
                                  "those of Traefik and of backups are not in the engine, where "
                                  "other programs would follow them: the engine is shared"});
    }
  }
  return stack;
}

}  // namespace ccci::engine
