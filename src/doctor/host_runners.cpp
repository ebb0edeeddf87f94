// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/host_runners.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "declare/forms.hpp"
#include "declare/runner_kind.hpp"
#include "host/unit_text.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_unit_file = 1U << 20U;
// In the order in which systemd looks for them.
constexpr std::array unit_places{"etc/systemd/system", "usr/local/lib/systemd/system",
                                 "lib/systemd/system", "usr/lib/systemd/system"};
constexpr std::string_view github_prefix = "actions.runner.";
constexpr std::string_view buildbot_template = "buildbot-worker@";

// The program of the unit's ExecStart=; empty if it is not known before the service runs.
std::string program_of(const fs::path& file) {
  const auto text = base::read_file(file, largest_unit_file);
  if (!text) return {};
  const auto commands = host::settings({*text}, "Service", "ExecStart");
  if (commands.empty()) return {};
  std::string_view line = commands.front();
  line.remove_prefix(std::min(line.find_first_not_of("@-:+!|"), line.size()));
  const auto words = host::unit_words(line.substr(0, line.find_first_of(" \t")));
  return words && words->size() == 1 ? words->front() : std::string();
}

// Names of units in a directory, sorted.
std::vector<std::string> units_in(const fs::path& directory, std::string_view prefix) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().native();
    const bool good = declare::objection(declare::forms::unit, name).empty();
    if (name.starts_with(prefix) && name.ends_with(".service") && good) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

void add(std::vector<HostRunner>& runners, HostRunner runner) {
  const auto same = [&](const HostRunner& one) { return one.unit == runner.unit; };
  if (std::any_of(runners.begin(), runners.end(), same)) return;
  const std::string wanted = runner.name;
  const auto taken = [&](const HostRunner& one) { return one.name == runner.name; };
  for (int number = 2; std::any_of(runners.begin(), runners.end(), taken); ++number)
    runner.name = wanted + "-" + std::to_string(number);
  runners.push_back(std::move(runner));
}

}  // namespace

std::vector<HostRunner> host_runners(const fs::path& host) {
  std::vector<HostRunner> found;
  std::error_code error;
  for (const declare::RunnerKind& kind : declare::runner_kinds()) {
    if (kind.unit.empty()) continue;
    for (const char* place : unit_places) {
      const fs::path file = host / place / kind.unit;
      if (!fs::exists(file, error)) continue;
      std::string program = program_of(file);
      // Elsewhere it is seen anyway, see docs/runners.md.
      if (!program.starts_with("/usr/")) program.clear();
      add(found, {std::string(kind.name), std::string(kind.name), std::string(kind.unit), program});
      break;
    }
  }
  for (const char* place : unit_places) {
    for (const std::string& unit : units_in(host / place, github_prefix))
      add(found, {"github", "github-runner", unit, program_of(host / place / unit)});
  }
  for (const std::string& unit :
       units_in(host / "etc/systemd/system/multi-user.target.wants", buildbot_template))
    add(found, {"buildbot", "buildbot-worker", unit});
  return found;
}

std::vector<std::string> other_services(const std::vector<HostRunner>& runners,
                                        const fs::path& host) {
  const fs::path directory = host / "etc/systemd/system";
  std::vector<std::string> names;
  for (const std::string& name : units_in(directory, "")) {
    std::error_code error;
    const fs::path file = directory / name;
    const bool of_timer = fs::exists(fs::path(file).replace_extension(".timer"), error);
    if (of_timer || name.find('@') != std::string::npos || fs::is_symlink(file, error)) continue;
    const auto text = base::read_file(file, largest_unit_file);
    if (!text || text->starts_with(host::unit_origin)) continue;
    const auto types = host::settings({*text}, "Service", "Type");
    if (!types.empty() && types.back() == "oneshot") continue;
    const auto known = [&](const HostRunner& one) { return one.unit == name; };
    if (std::none_of(runners.begin(), runners.end(), known)) names.push_back(name);
  }
  return names;
}

std::string mention(const std::vector<std::string>& services) {
  if (services.empty()) return {};
  std::string text =
      "\n# Services of this machine that are no known runner. One that runs jobs is a runner of "
      "kind\n"
      "# \"unit\", see docs/runners.md:\n";
  for (const std::string& name : services) text += "#   " + base::printable(name) + "\n";
  return text;
}

std::string declare_runners(const std::vector<HostRunner>& runners) {
  std::string text;
  const auto quoted = [](const std::string& value) { return base::Json(value).dump(); };
  for (const HostRunner& runner : runners) {
    text += "\n# from " + base::printable(runner.unit) + "\n";
    if (runner.kind == "buildbot-worker")
      text += "# its daemon is a Debian package: [runtime] packages = [\"buildbot-worker\"]\n";
    text += "[runners." + runner.name + "]\nkind = " + quoted(runner.kind) +
            "\nunit = " + quoted(runner.unit) + "\n";
    if (!runner.program.empty()) text += "program = " + quoted(runner.program) + "\n";
  }
  return text;
}

}  // namespace ccci::doctor
