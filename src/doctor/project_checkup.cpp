// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/project_checkup.hpp"

#include <unistd.h>

#include <array>
#include <map>
#include <string>

#include "activate/unit_names.hpp"
#include "declare/runner_kind.hpp"
#include "doctor/runner_checkup.hpp"
#include "doctor/view_checkup.hpp"
#include "environment/build.hpp"
#include "environment/environment.hpp"
#include "project/build.hpp"
#include "project/lock_status.hpp"
#include "store/store.hpp"
#include "wording/message.hpp"

namespace ccci::doctor {

namespace {

using State = Symptom::State;

// Returns true if this machine must have the units of the declaration: it was switched to a system,
// or it has the name of a declared host.
bool is_host(const activate::Layout& layout, const declare::Declaration& declaration) {
  std::error_code error;
  if (std::filesystem::exists(layout.home() / "current", error)) return true;
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return false;
  const std::string whole(name.data());
  return declaration.hosts.contains(whole) ||
         declaration.hosts.contains(whole.substr(0, whole.find('.')));
}

// Checks runners and timers against this machine's units. It calls systemd once for all units. If
// there is no answer, every unit is unknown.
void check_services(const Machine& machine, const declare::Declaration& declaration,
                    const environment::Environment* environment, std::vector<Symptom>& symptoms) {
  std::vector<std::string> units;
  for (const auto& [name, runner] : declaration.runners) {
    if (std::string unit = declare::runner_unit(runner); !unit.empty()) units.push_back(unit);
  }
  for (const auto& [name, timer] : declaration.timers) units.push_back(name + ".service");
  if (units.empty() && declaration.runners.empty()) return;
  std::map<std::string, activate::UnitState> states;
  if (!units.empty()) {
    if (const auto shown = machine.systemd.show(units)) {
      for (const activate::UnitState& state : *shown) states.emplace(state.name, state);
    }
  }
  const auto observed = [&](const std::string& unit) {
    const activate::UnitState& state = states[unit];
    return observe_unit(unit, state.load, state.fragment, state.drop_ins);
  };
  const bool here = is_host(machine.layout, declaration);
  const std::string root = environment == nullptr ? "" : environment->root;
  bool dynamic_user = false;
  for (const auto& [name, runner] : declaration.runners) {
    const ObservedRunner found =
        observe_runner(runner, observed(declare::runner_unit(runner)), root);
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
    for (Symptom& one : timer_symptoms(timer, observed(name + ".service"))) {
      symptoms.push_back(std::move(one));
    }
  }
  if (environment == nullptr) return;
  for (Symptom& one : check_rights(*environment)) symptoms.push_back(std::move(one));
  for (Symptom& one : check_view(root, dynamic_user)) symptoms.push_back(std::move(one));
}

}  // namespace

std::vector<Symptom> check_project(const std::filesystem::path& file,
                                   const project::Context& context, const Machine& machine) {
  std::vector<Symptom> symptoms;
  const auto project = project::open(file);
  if (!project) {
    symptoms.push_back({"declaration", State::bad, file.native() + " has mistakes", "cc-ci show"});
    return symptoms;
  }
  symptoms.push_back({"declaration", State::good, project->file.native(), ""});
  const auto lock = project::current_lock(*project);
  if (!lock) {
    symptoms.push_back({"lock", State::bad,
                        project->lock_file.native() + " is missing, damaged or "
                                                      "does not agree with the declaration",
                        "cc-ci lock"});
    check_services(machine, project->declaration, nullptr, symptoms);
    return symptoms;
  }
  symptoms.push_back({"lock", State::good, project->lock_file.native() + " agrees", ""});
  auto store = store::Store::look(context.state);
  if (!store) return symptoms;  // check_state_directory() names the cause
  const auto planned = project::plan(*project, context, *store, *lock, {});
  if (planned && !*planned) {
    symptoms.push_back({"environment", State::unknown, "not built yet", "cc-ci build"});
    check_services(machine, project->declaration, nullptr, symptoms);
    return symptoms;
  }
  if (!planned) {
    symptoms.push_back(
        {"environment", State::unknown, wording::one_line(planned.error()), "cc-ci build"});
  } else if (store->has((*planned)->inside.address)) {
    symptoms.push_back(check_entry(machine.processes, (*planned)->inside.path));
  } else {
    symptoms.push_back(
        {"environment", State::unknown, "its entrypoint is not built yet", "cc-ci build"});
  }
  // The services are also checked if the whole build is not possible on this machine.
  const auto environment =
      environment::load(*store, environment::address_of(project->declaration, *lock, "shared"));
  check_services(machine, project->declaration, environment ? &*environment : nullptr, symptoms);
  return symptoms;
}

}  // namespace ccci::doctor
