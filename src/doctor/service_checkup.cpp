// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/service_checkup.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "activate/conditions.hpp"
#include "activate/requirements.hpp"
#include "activate/unit_names.hpp"
#include "declare/runner_kind.hpp"
#include "doctor/runner_checkup.hpp"
#include "doctor/timer_checkup.hpp"
#include "doctor/view_checkup.hpp"

namespace ccci::doctor {

using State = Symptom::State;

namespace {

using States = std::map<std::string, activate::UnitState>;

// One unit has one drop-in's settings, so it cannot be two runners. The declaration cannot know the
// aliases of this host.
std::vector<Symptom> check_aliases(const declare::Declaration& declaration, const States& states) {
  std::vector<Symptom> symptoms;
  std::map<std::string, std::string> owners;  // the runner, by its unit's own name
  for (const auto& [name, runner] : declaration.runners) {
    const std::string unit = declare::runner_unit(runner);
    const auto state = states.find(unit);
    if (state == states.end() || state->second.load != "loaded" || state->second.id.empty())
      continue;
    const auto [owner, first] = owners.emplace(state->second.id, name);
    if (first) continue;
    symptoms.push_back(
        {"runner " + name, State::bad,
         "its " + unit + " is " + state->second.id + ", the unit of runner " + owner->second +
             " too (Alias=)",
         "remove [runners." + name + "], or name another unit: [runners." + name + "] unit", true});
  }
  return symptoms;
}

// Asks systemd only for a unit that has such a setting: it takes a tenth of a second.
void observe_conditions(const Machine& machine, const activate::UnitState& state,
                        ObservedRunner& observed) {
  const std::vector<std::string> texts = observed.unit.texts();
  const bool has = std::any_of(texts.begin(), texts.end(), [](const std::string& text) {
    return text.find("\nCondition") != std::string::npos ||
           text.find("\nAssert") != std::string::npos;
  });
  if (!has || !machine.layout.real() || state.load != "loaded") return;
  observed.unmet = activate::unmet_conditions(machine.processes, state.name, state.runs());
  observed.starts = state.runs() || state.file_state.starts_with("enabled");
}

// A switch refuses these by itself, if it would write there.
std::vector<Symptom> check_written(const activate::Layout& layout) {
  std::vector<Symptom> symptoms;
  for (const std::string_view place : {activate::home_directory, activate::units_directory,
                                       activate::wants_directory, activate::profile_file}) {
    const std::string at = activate::read_only_at(layout, place);
    if (at.empty()) continue;
    symptoms.push_back({"files of a switch", State::bad,
                        std::string(place) + " is on a file system that is mounted read-only",
                        "mount -o remount,rw " + at});
  }
  return symptoms;
}

}  // namespace

std::vector<Symptom> check_services(const Machine& machine, const declare::Declaration& declaration,
                                    const environment::Environment* environment, bool here) {
  std::vector<Symptom> symptoms;
  std::vector<std::string> units;
  for (const auto& [name, runner] : declaration.runners) {
    if (std::string unit = declare::runner_unit(runner); !unit.empty()) units.push_back(unit);
  }
  for (const auto& [name, timer] : declaration.timers) units.push_back(name + ".service");
  States states;
  if (!units.empty()) {
    if (const auto shown = machine.systemd.show(units)) {
      for (const activate::UnitState& state : *shown) states.emplace(state.name, state);
    }
  }
  const auto observed = [&](const std::string& unit) {
    const activate::UnitState& state = states[unit];
    return observe_unit(unit, state.load, state.fragment, state.drop_ins);
  };
  if (here) symptoms = check_written(machine.layout);
  for (Symptom& one : check_aliases(declaration, states)) symptoms.push_back(std::move(one));
  const std::string root = environment == nullptr ? "" : environment->root;
  bool dynamic_user = false;
  for (const auto& [name, runner] : declaration.runners) {
    const std::string unit = declare::runner_unit(runner);
    ObservedRunner found = observe_runner(runner, observed(unit), root);
    observe_conditions(machine, states[unit], found);
    dynamic_user = has_dynamic_user(found.unit.texts()) || dynamic_user;
    for (Symptom& one : runner_symptoms(runner, found, environment, here)) {
      symptoms.push_back(std::move(one));
    }
  }
  for (const auto& [name, timer] : declaration.timers) {
    for (const char* suffix : {".timer", ".service"}) {
      const std::string path = activate::other_unit_file(machine.layout, name + suffix);
      if (path.empty()) continue;
      symptoms.push_back({"timer " + name, State::bad,
                          "this host has another unit of that name: " + path,
                          "choose another name under [timers]"});
    }
    if (here) {
      for (Symptom& one : check_timer(timer, environment)) symptoms.push_back(std::move(one));
    }
    for (Symptom& one : timer_symptoms(timer, observed(name + ".service"))) {
      symptoms.push_back(std::move(one));
    }
  }
  if (environment == nullptr) return symptoms;
  for (Symptom& one : check_rights(*environment)) symptoms.push_back(std::move(one));
  for (Symptom& one : check_view(root, dynamic_user)) symptoms.push_back(std::move(one));
  return symptoms;
}

base::Result<void> require_services(const Machine& machine, const declare::Declaration& declaration,
                                    const environment::Environment* environment,
                                    const std::vector<std::string>& restarted) {
  std::vector<base::Error> errors;
  for (const Symptom& one : check_services(machine, declaration, environment, true)) {
    const bool starts = one.start_of.empty() || std::find(restarted.begin(), restarted.end(),
                                                          one.start_of) != restarted.end();
    if (!one.prevents || !starts) continue;
    errors.push_back(base::fail("doctor.unfit")
                         .with("what", one.what)
                         .with("found", one.found)
                         .with("remedy", one.remedy));
  }
  if (errors.empty()) return {};
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::doctor
