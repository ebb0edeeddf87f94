// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/unit.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "host/unit_text.hpp"

namespace ccci::host {

namespace {

constexpr const char* origin =
    "# Written by cc-ci build from cc-ci.toml; a change here is drift.\n";

struct Kind {
  std::string_view name;
  std::string_view unit;        // its packages' or documentation's name; empty: there is no one
  std::string_view path = {};   // a variable that replaces PATH for its jobs
  std::string_view extra = {};  // a list NAME:value,… that reaches its jobs; unset: the service's
                                // own environment does
  std::string_view problem = {};
};

constexpr std::array kinds{
    // The daemon's environment is dropped but for PATH.
    Kind{"drone-exec", "drone-runner-exec.service", "DRONE_RUNNER_PATH", "DRONE_RUNNER_ENVIRON"},
    Kind{"woodpecker-local", "woodpecker-agent.service"},
    Kind{"act-runner", "act_runner.service"},
    Kind{"buildbot-worker", ""},
    Kind{.name = "github-runner",
         .unit = "",
         .problem = "its service takes PATH from the file .path of its installation"},
    Kind{"gitlab-shell", "gitlab-runner.service"},
    Kind{"unit", ""},
};

const Kind& kind_of(const declare::Runner& runner) {
  const auto* found = std::find_if(kinds.begin(), kinds.end(),
                                   [&](const Kind& kind) { return kind.name == runner.kind; });
  return found == kinds.end() ? kinds.back() : *found;
}

std::string variable(std::string_view name, std::string_view value) {
  return "Environment=" + unit_word(std::string(name) + "=" + std::string(value)) + "\n";
}

std::string bound(const std::string& from, const std::string& to) {
  return "BindReadOnlyPaths=" + unit_word(from) + ":" + to + "\n";
}

// Variables of the environment in the order of their names, its marker among them.
std::map<std::string, std::string> variables(const environment::Environment& environment) {
  std::map<std::string, std::string> all = environment.variables;
  all.insert_or_assign("CC_CI_ENVIRONMENT", environment.address.hash);
  all.try_emplace("PYTHONNOUSERSITE", "1");
  return all;
}

}  // namespace

std::vector<UnitFile> timer_units(const declare::Timer& timer, const std::string& entrypoint) {
  const std::string& name = timer.name.text;
  // ':' keeps '$' as it is written: arguments are data, not the service manager's variables.
  std::string command = ":" + unit_word(entrypoint);
  for (std::size_t i = 1; i < timer.exec.size(); ++i) command += " " + unit_word(timer.exec[i]);
  std::string service = origin;
  service += "[Unit]\nDescription=" + unit_line(name) + " in the environment of cc-ci\n";
  service += "Documentation=man:cc-ci(1)\n\n";
  service += "[Service]\nType=oneshot\nExecStart=" + command + "\n";
  std::string schedule = origin;
  schedule += "[Unit]\nDescription=" + unit_line(name) + " on its schedule\n";
  schedule += "Documentation=man:cc-ci(1)\n\n";
  schedule += "[Timer]\nOnCalendar=" + unit_line(timer.schedule) + "\n";
  // A host that was off at that hour makes up for it; hosts of one schedule do not start in one
  // second.
  schedule += "Persistent=true\nRandomizedDelaySec=60\n\n";
  schedule += "[Install]\nWantedBy=timers.target\n";
  return {{name + ".service", std::move(service)}, {name + ".timer", std::move(schedule)}};
}

std::string runner_unit(const declare::Runner& runner) {
  return runner.unit.empty() ? std::string(kind_of(runner).unit) : runner.unit;
}

std::string runner_problem(const declare::Runner& runner,
                           const environment::Environment& environment) {
  const Kind& kind = kind_of(runner);
  if (runner_unit(runner).empty()) {
    return "kind '" + runner.kind + "' has no usual unit; declare unit = \"NAME.service\"";
  }
  if (!kind.problem.empty()) return std::string(kind.problem);
  if (kind.extra.empty()) return {};
  for (const auto& [name, value] : environment.variables) {
    if (value.find(',') != std::string::npos) {
      return "variable '" + name + "' holds ',', which ends a value in " + std::string(kind.extra);
    }
  }
  return {};
}

std::optional<UnitFile> runner_drop_in(const declare::Runner& runner,
                                       const environment::Environment& environment) {
  const std::string unit = runner_unit(runner);
  if (unit.empty()) return std::nullopt;
  const Kind& kind = kind_of(runner);
  const std::string path = base::join(environment.paths(), ":");
  std::string text = origin;
  text += "[Service]\n" + bound(environment.root + "/usr", "/usr");
  for (const std::string& name : environment.etc) {
    text += bound(environment.root + "/etc/" + name, unit_word("/etc/" + name));
  }
  text += variable("PATH", path);
  if (!kind.path.empty()) text += variable(kind.path, path);
  std::vector<std::string> extra;
  for (const auto& [name, value] : variables(environment)) {
    text += variable(name, value);
    extra.push_back(name + ":" + value);
  }
  if (!kind.extra.empty()) text += variable(kind.extra, base::join(extra, ","));
  return UnitFile{unit + ".d/50-cc-ci.conf", std::move(text)};
}

}  // namespace ccci::host
