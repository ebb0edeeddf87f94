// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/service.hpp"

#include <array>

namespace ccci::declare {

namespace {

struct Kind {
  std::string_view name;
  std::string_view unit;
};

constexpr std::array kinds{
    Kind{"drone-exec", "drone-runner-exec.service"},
    Kind{"woodpecker-local", "woodpecker-agent.service"},
    Kind{"act-runner", "act_runner.service"},
    Kind{"buildbot-worker", ""},
    Kind{"github-runner", ""},
    Kind{"gitlab-shell", "gitlab-runner.service"},
    Kind{"unit", ""},
};

}  // namespace

const std::vector<std::string>& runner_kinds() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Kind& kind : kinds) all.emplace_back(kind.name);
    return all;
  }();
  return names;
}

std::string_view usual_unit(std::string_view kind) {
  for (const Kind& one : kinds) {
    if (one.name == kind) return one.unit;
  }
  return {};
}

}  // namespace ccci::declare
