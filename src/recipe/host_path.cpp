// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/host_path.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace ccci::recipe {

namespace {

constexpr std::array<std::string_view, 3> engine_sockets{"docker.sock", "containerd.sock",
                                                         "podman.sock"};

constexpr std::array<std::string_view, 3> time_zone_files{"/etc/localtime", "/etc/timezone",
                                                          "/usr/share/zoneinfo"};
constexpr std::array<std::string_view, 5> devices_of_all{"/dev/null", "/dev/zero", "/dev/full",
                                                         "/dev/random", "/dev/urandom"};

constexpr std::array<std::string_view, 14> tmpfs_options{
    "size", "mode",   "uid",   "gid",    "nr_inodes", "nr_blocks", "ro",
    "rw",   "nosuid", "nodev", "noexec", "exec",      "noatime",   "relatime"};

bool is_engine_socket(std::string_view path) {
  return std::any_of(engine_sockets.begin(), engine_sockets.end(),
                     [&](std::string_view name) { return path.ends_with(name); });
}

std::string option_in(const Volume& volume, const std::string& name) {
  const auto found = volume.driver_options.find(name);
  return found == volume.driver_options.end() ? std::string() : found->second;
}

// Options of a tmpfs that change nothing but the tmpfs. With others, e.g. `bind`, mount(2) does
// something else.
bool is_plain_tmpfs(const std::string& type, std::string_view options) {
  if (type != "tmpfs") return false;
  const std::vector<std::string_view> all = base::split(options, ',');
  return std::all_of(all.begin(), all.end(), [](std::string_view option) {
    const std::string_view name = option.substr(0, option.find('='));
    return name.empty() ||
           std::find(tmpfs_options.begin(), tmpfs_options.end(), name) != tmpfs_options.end();
  });
}

// What a volume of the driver `local` mounts: it calls mount(2) as root with the words of
// driver_opts, so also devices, other file systems and overlays of the host's directories.
std::string mounted_by(const Volume& volume) {
  if (!volume.driver.empty() && volume.driver != "local") return {};
  const std::string type = option_in(volume, "type");
  const std::string device = option_in(volume, "device");
  const std::string options = option_in(volume, "o");
  if ((type.empty() && device.empty()) || is_plain_tmpfs(type, options)) return {};
  const std::vector<std::string_view> words = base::split(options, ',');
  const bool bind = std::any_of(words.begin(), words.end(), [](std::string_view word) {
    return word == "bind" || word == "rbind";
  });
  if (bind && !device.empty()) return device;
  // These leave through the network of the engine, which has no route to the host.
  if (!bind && (type == "nfs" || type == "nfs4" || type == "cifs")) return {};
  return "the file system '" + type + "' of the device '" + device + "'";
}

bool is_harmless(const Mount& mount) {
  return mount.propagation.empty() &&
         (tells_time_zone(mount) || std::find(devices_of_all.begin(), devices_of_all.end(),
                                              mount.source) != devices_of_all.end());
}

}  // namespace

bool tells_time_zone(const Mount& mount) {
  return mount.type == Mount::Type::bind &&
         std::find(time_zone_files.begin(), time_zone_files.end(), mount.source) !=
             time_zone_files.end();
}

std::vector<HostPath> host_paths_of(const Stack& stack) {
  std::vector<HostPath> out;
  for (const Service& service : stack.services) {
    for (const Mount& mount : service.mounts) {
      std::string source;
      if (mount.type == Mount::Type::bind && !is_harmless(mount)) source = mount.source;
      const auto volume = stack.volumes.find(mount.source);
      if (mount.type == Mount::Type::volume && volume != stack.volumes.end())
        source = mounted_by(volume->second);
      if (source.empty()) continue;
      const bool socket = is_engine_socket(source) || is_engine_socket(mount.target);
      out.push_back({service.key, std::move(source), mount.target, socket});
    }
  }
  return out;
}

}  // namespace ccci::recipe
