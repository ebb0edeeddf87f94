// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/conditions.hpp"

#include <algorithm>
#include <chrono>

#include "base/text.hpp"

namespace ccci::activate {

namespace {

// systemd-analyze ends its list of each with this line if they do not hold together.
constexpr std::string_view conditions_failed = "Conditions failed.";
constexpr std::string_view asserts_failed = "Asserts failed.";

bool counts(std::string_view condition, bool runs) {
  if (condition.find("Environment=") != std::string_view::npos) return false;
  std::string_view value = condition.substr(condition.find('=') + 1);
  if (value.starts_with('|')) value.remove_prefix(1);
  if (runs) return !value.starts_with('!');
  return !value.starts_with("/run/") && !value.starts_with("/var/run/");
}

// Of conditions with '|' one must hold, so they count only together.
std::vector<std::string> decisive(const std::vector<std::string>& failed, bool runs) {
  std::vector<std::string> needed;
  for (const std::string& one : failed) {
    if (one.find("=|") == std::string::npos) needed.push_back(one);
  }
  const bool each = !needed.empty();
  if (!each) needed = failed;
  const auto left_out =
      std::erase_if(needed, [&](const std::string& one) { return !counts(one, runs); });
  if (!each && left_out != 0) needed.clear();
  return needed;
}

}  // namespace

std::vector<std::string> unmet_conditions(base::ProcessRunner& processes, const std::string& unit,
                                          bool runs) {
  base::Command command;
  command.argv = {"systemd-analyze", "condition", "--unit=" + unit};
  command.time_limit = std::chrono::seconds(10);
  const auto outcome = processes.run(command);
  if (!outcome || outcome->status == 0) return {};
  std::vector<std::string> unmet;
  std::vector<std::string> failed;
  for (const std::string_view line : base::split(outcome->err, '\n')) {
    constexpr std::string_view end = " failed.";
    if (line == conditions_failed || line == asserts_failed) {
      for (std::string& one : decisive(failed, runs)) unmet.push_back(std::move(one));
      failed.clear();
    } else if (line == "Conditions succeeded." || line == "Asserts succeeded.") {
      failed.clear();
    } else if (line.starts_with(unit + ": ") && line.ends_with(end)) {
      failed.emplace_back(line.substr(unit.size() + 2, line.size() - unit.size() - 2 - end.size()));
    }
  }
  return unmet;
}

base::Result<void> require_conditions(base::ProcessRunner& processes,
                                      const std::vector<std::string>& restarted,
                                      const Observed& observed) {
  std::vector<base::Error> errors;
  for (const std::string& name : restarted) {
    const UnitState* unit = observed.unit(name);
    if (unit == nullptr || unit->load != "loaded") continue;
    for (const std::string& one : unmet_conditions(processes, name, unit->runs()))
      errors.push_back(base::fail("activate.condition").with("unit", name).with("condition", one));
  }
  if (errors.empty()) return {};
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::activate
