// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/host_path.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace ccci::recipe {

namespace {

constexpr std::array<std::string_view, 3> engine_sockets{"docker.sock", "containerd.sock",
                                                         "podman.sock"};

bool is_engine_socket(std::string_view path) {
  return std::any_of(engine_sockets.begin(), engine_sockets.end(),
                     [&](std::string_view name) { return path.ends_with(name); });
}

// driver_opts: {type: none, o: bind, device: /path}
std::string bound_device(const Volume& volume) {
  if (!volume.driver.empty() && volume.driver != "local") return {};
  const auto device = volume.driver_options.find("device");
  const auto options = volume.driver_options.find("o");
  if (device == volume.driver_options.end() || options == volume.driver_options.end()) return {};
  for (const std::string_view option : base::split(options->second, ','))
    if (option == "bind" || option == "rbind") return device->second;
  return {};
}

}  // namespace

std::vector<HostPath> host_paths_of(const Stack& stack) {
  std::vector<HostPath> out;
  for (const Service& service : stack.services) {
    for (const Mount& mount : service.mounts) {
      std::string source;
      if (mount.type == Mount::Type::bind) source = mount.source;
      const auto volume = stack.volumes.find(mount.source);
      if (mount.type == Mount::Type::volume && volume != stack.volumes.end())
        source = bound_device(volume->second);
      if (source.empty()) continue;
      const bool socket = is_engine_socket(source) || is_engine_socket(mount.target);
      out.push_back({service.key, std::move(source), mount.target, socket});
    }
  }
  return out;
}

}  // namespace ccci::recipe
