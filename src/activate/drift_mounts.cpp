// SPDX-License-Identifier: GPL-3.0-or-later
// Drift of runners' mounts. The kernel does not say who mounted something. So what systemd mounts
// is left out by its place or its source, and what the host has itself by both.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "activate/drift.hpp"
#include "base/text.hpp"
#include "host/unit_mounts.hpp"
#include "host/unit_text.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_named = 5;  // of one runner
constexpr std::uint64_t largest_unit_file = 1U << 20U;

struct Mount {
  std::string parent;
  std::string device;
  std::string root;  // the directory of the file system that is mounted
  std::string point;
  std::string type;
};
using Mounts = std::map<std::string, Mount>;  // by their numbers

// proc(5): 36 35 98:0 ROOT POINT OPTIONS [TAG …] - TYPE SOURCE OPTIONS
Mounts mounts_of(const fs::path& proc, int pid) {
  Mounts mounts;
  const auto text = base::read_file(proc / std::to_string(pid) / "mountinfo", largest_mountinfo);
  if (!text) return mounts;
  for (const std::string_view line : base::split(*text, '\n')) {
    const std::vector<std::string_view> fields = base::split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 7 || fields.end() - dash < 2) continue;
    mounts.emplace(fields[0],
                   Mount{std::string(fields[1]), std::string(fields[2]), std::string(fields[3]),
                         std::string(fields[4]), std::string(*(dash + 1))});
  }
  return mounts;
}

bool is_at_or_below(std::string_view path, std::string_view place) {
  if (place == "/") return true;
  return path.starts_with(place) && (path.size() == place.size() || path[place.size()] == '/');
}

// Read-only and the like are given to a part of a file system by mounting it onto itself.
bool is_onto_itself(const Mount& mount, const Mounts& mounts) {
  const auto parent = mounts.find(mount.parent);
  if (parent == mounts.end() || parent->second.device != mount.device) return false;
  const auto in = [](const std::string& path, const std::string& place) {
    return place == "/" ? path : path.substr(std::min(place.size(), path.size()));
  };
  const Mount& above = parent->second;
  return is_at_or_below(mount.root, above.root) && is_at_or_below(mount.point, above.point) &&
         in(mount.root, above.root) == in(mount.point, above.point);
}

// What a unit's settings mount, besides the targets that they name.
bool is_of_sandbox(const Mount& mount) {
  constexpr std::array places{"/proc",
                              "/dev",
                              "/sys",
                              "/run/systemd",
                              "/run/private",
                              "/run/credentials",
                              "/var/lib/private",
                              "/var/log/private",
                              "/var/cache/private"};
  constexpr std::array sources{"/systemd-private-", "/inaccessible/", "/systemd/propagate/",
                               "/private/"};
  // ProtectHome=tmpfs: an empty file system. PrivateTmp=disconnected, which DynamicUser= implies
  // since systemd 257: two directories of one.
  using Place = std::pair<std::string_view, std::string_view>;  // in the file system, mounted at
  constexpr std::array emptied{Place{"/", "/home"},          Place{"/", "/root"},
                               Place{"/", "/run/user"},      Place{"/", "/tmp"},
                               Place{"/", "/var/tmp"},       Place{"/tmp", "/tmp"},
                               Place{"/var-tmp", "/var/tmp"}};
  return mount.point == "/" ||
         std::any_of(places.begin(), places.end(),
                     [&](const char* place) { return is_at_or_below(mount.point, place); }) ||
         std::any_of(
             sources.begin(), sources.end(),
             [&](const char* source) { return mount.root.find(source) != std::string::npos; }) ||
         (mount.type == "tmpfs" && std::find(emptied.begin(), emptied.end(),
                                             Place{mount.root, mount.point}) != emptied.end());
}

// The targets of the unit's own settings; nothing if they are not known here, or if the unit has a
// root of its own.
std::optional<std::set<std::string>> targets_of(const Layout& layout, const UnitState& unit) {
  std::vector<std::string> paths{unit.fragment};
  for (const std::string_view path : base::split(unit.drop_ins, ' ')) paths.emplace_back(path);
  std::set<std::string> targets;
  for (const std::string& path : paths) {
    if (!path.starts_with('/')) continue;
    const auto text = base::read_file(layout.at(path), largest_unit_file);
    if (!text || !host::knows_mount_targets(*text)) return std::nullopt;
    for (const char* own :
         {"RootDirectory", "RootImage", "MountImages", "ExtensionImages", "ExtensionDirectories"}) {
      if (!host::settings({*text}, "Service", own).empty()) return std::nullopt;
    }
    for (const std::string& target : host::mount_targets({*text})) {
      targets.insert(target);
      // systemd mounts where links of the host lead.
      std::error_code error;
      targets.insert("/" + fs::weakly_canonical(layout.at(target), error)
                               .lexically_relative(layout.at("/"))
                               .native());
    }
  }
  return targets;
}

}  // namespace

Drifts left_mounts(const Layout& layout, const Generation& generation, const Observed& observed,
                   const ProcessView& view) {
  Drifts drifts;
  const Mounts host = mounts_of(view.proc, 1);
  std::set<std::tuple<std::string, std::string, std::string>> of_host;
  std::set<std::pair<std::string, std::string>> sources_of_host;
  for (const auto& [number, mount] : host) {
    of_host.emplace(mount.device, mount.root, mount.point);
    sources_of_host.emplace(mount.device, mount.root);
  }
  if (host.empty()) return drifts;
  for (const auto& [name, expected] : generation.attached) {
    const UnitState* unit = observed.unit(name);
    if (unit == nullptr || unit->active != "active" || unit->main_pid <= 0) continue;
    if (environment_of_process(unit->main_pid, view.proc) != expected) continue;
    const auto targets = targets_of(layout, *unit);
    const auto jobs = jobs_of(*unit, view);
    if (!targets || !jobs || !jobs->empty()) continue;
    const Mounts mounts = mounts_of(view.proc, unit->main_pid);
    // The mounts below a source of the unit's settings come with it.
    const auto comes_with = [&](const Mount& mount) {
      return sources_of_host.contains({mount.device, mount.root}) &&
             std::any_of(targets->begin(), targets->end(), [&](const std::string& target) {
               return is_at_or_below(mount.point, target);
             });
    };
    std::map<std::string, std::string> left;  // a place and its type
    for (const auto& [number, mount] : mounts) {
      if (of_host.contains({mount.device, mount.root, mount.point}) ||
          targets->contains(mount.point) || is_of_sandbox(mount) || is_onto_itself(mount, mounts) ||
          comes_with(mount)) {
        continue;
      }
      left.emplace(mount.point, mount.type);
      if (left.size() == most_named) break;
    }
    for (const auto& [point, type] : left) {
      drifts.push_back({"mount " + point + " in " + name, "no mount of a job",
                        type + ", which a job left", "systemctl restart " + name});
    }
  }
  return drifts;
}

}  // namespace ccci::activate
