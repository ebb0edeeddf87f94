// SPDX-License-Identifier: GPL-3.0-or-later
// A systemd in memory: units with states, and what was asked of it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "activate/systemd.hpp"

namespace ccci::test {

class ScriptedSystemd final : public activate::Systemd {
 public:
  std::map<std::string, activate::UnitState> units;
  std::vector<std::string> calls;
  std::function<void()> before_show = [] {};

  activate::UnitState& unit(const std::string& name, const std::string& active = "active") {
    activate::UnitState& state = units[name];
    state.name = name;
    state.load = "loaded";
    state.active = active;
    state.sub = active == "active" ? "running" : "dead";
    return state;
  }

  base::Result<std::vector<activate::UnitState>> show(
      const std::vector<std::string>& names) override {
    before_show();
    std::vector<activate::UnitState> states;
    for (const std::string& name : names) {
      activate::UnitState missing;
      missing.name = name;
      missing.load = "not-found";
      missing.active = "inactive";
      states.push_back(units.contains(name) ? units.at(name) : missing);
    }
    return states;
  }
  base::Result<void> reload() override { return note("reload", {}); }
  base::Result<void> stop(const std::vector<std::string>& names) override {
    for (const std::string& name : names) unit(name, "inactive");
    return note("stop", names);
  }
  base::Result<void> start(const std::vector<std::string>& names) override {
    for (const std::string& name : names) unit(name);
    return note("start", names);
  }
  base::Result<void> restart(const std::vector<std::string>& names) override {
    for (const std::string& name : names) unit(name).invocation += "'";
    return note("restart", names);
  }
  void forget(const std::vector<std::string>& names) override {
    for (const std::string& name : names) static_cast<void>(note("forget", {name}));
  }
  std::string status(const std::string& name) override { return "status of " + name; }
  std::string journal(const std::string& name, std::chrono::system_clock::time_point) override {
    return "journal of " + name;
  }

 private:
  base::Result<void> note(std::string call, const std::vector<std::string>& names) {
    for (const std::string& name : names) call += " " + name;
    calls.push_back(std::move(call));
    return {};
  }
};

}  // namespace ccci::test
