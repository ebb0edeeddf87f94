// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/path.hpp"

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
  }
  return name;
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
