// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/service.hpp"

#include <array>

namespace ccci::declare {

namespace {

struct RunnerKind {
  std::string_view name;
  std::string_view unit;
};

constexpr std::array kinds{
    RunnerKind{"drone-exec", "drone-runner-exec.service"},
    RunnerKind{"woodpecker-local", "woodpecker-agent.service"},
    RunnerKind{"act-runner", "act_runner.service"},
    RunnerKind{"buildbot-worker", ""},
    RunnerKind{"github-runner", ""},
    RunnerKind{"gitlab-shell", "gitlab-runner.service"},
    RunnerKind{"unit", ""},
};

}  // namespace

const std::vector<std::string>& runner_kinds() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const RunnerKind& kind : kinds) all.emplace_back(kind.name);
    return all;
  }();
  return names;
}

std::string_view usual_unit(std::string_view kind) {
  for (const RunnerKind& one : kinds) {
    if (one.name == kind) return one.unit;
  }
  return {};
}

}  // namespace ccci::declare
