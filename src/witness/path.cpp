// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/path.hpp"

#include <algorithm>

#include "declare/runner_kind.hpp"

#include "host/unit.hpp"

namespace ccci::witness {

std::string Path::title() const {
  switch (kind) {
    case Kind::entrypoint:
      return "entrypoint " + name;
    case Kind::host:
      return "host PATH";
    case Kind::timer:
      return "timer " + name;
    case Kind::runner:
      return "runner " + name;
    case Kind::cron:
      return "cron of " + name;
  }
  return name;
}

std::string Path::request() const {
  switch (kind) {
    case Kind::entrypoint:
      return "entrypoint-" + name;
    case Kind::host:
      return "host";
    case Kind::timer:
      return "timer-" + name;
    case Kind::runner:
      return "runner-" + name;
    case Kind::cron:
      return "cron-" + name;
  }
  return name;
}

std::vector<Path> cron_paths(const std::vector<CronEntry>& entries) {
  std::vector<Path> all;
  for (const CronEntry& entry : entries) {
    const bool known = std::any_of(all.begin(), all.end(),
                                   [&](const Path& path) { return path.name == entry.user; });
    if (!known) all.push_back({Path::Kind::cron, entry.user, {}, {}, entry.shell});
  }
  return all;
}

std::vector<Path> paths(const declare::Declaration& declaration) {
  std::vector<Path> all;
  if (!declaration.witness.empty()) {
    all.push_back({Path::Kind::entrypoint, declaration.witness.front(), {}, {}});
  }
  all.push_back({Path::Kind::host, "host", {}, {}});
  for (const auto& [name, timer] : declaration.timers) {
    all.push_back({Path::Kind::timer, name, name + ".service", {}});
  }
  for (const auto& [name, runner] : declaration.runners) {
    all.push_back({Path::Kind::runner, name, declare::runner_unit(runner), runner.trigger});
  }
  return all;
}

}  // namespace ccci::witness
