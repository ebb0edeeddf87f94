// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <algorithm>
#include <array>

#include "activate/systemd.hpp"
#include "base/process.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/invocation.hpp"
#include "declare/declaration.hpp"
#include "environment/build.hpp"
#include "environment/environment.hpp"
#include "host/build.hpp"
#include "host/checkup.hpp"
#include "host/runner.hpp"
#include "host/runner_checkup.hpp"
#include "project/build.hpp"
#include "project/lock_status.hpp"
#include "project/project.hpp"
#include "store/store.hpp"
#include "wording/message.hpp"

namespace ccci::cli {

namespace {

using State = host::Symptom::State;

std::string_view state_name(State state) {
  switch (state) {
    case State::good:
      return "good";
    case State::bad:
      return "bad";
    case State::unknown:
      return "unknown";
  }
  return {};
}

// Whether the units of the declaration are to be found on this machine: it was switched to a
// system, or it bears a declared host's name.
bool is_host(const declare::Declaration& declaration) {
  std::error_code error;
  if (std::filesystem::exists(host_layout().home() / "current", error)) return true;
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return false;
  const std::string whole(name.data());
  return declaration.hosts.contains(whole) ||
         declaration.hosts.contains(whole.substr(0, whole.find('.')));
}

// Runners and timers against this machine's units. One call, however many there are; without an
// answer every unit is unknown.
void check_services(const declare::Declaration& declaration,
                    const environment::Environment* environment,
                    std::vector<host::Symptom>& symptoms) {
  std::vector<std::string> units;
  for (const auto& [name, runner] : declaration.runners) {
    if (std::string unit = host::runner_unit(runner); !unit.empty()) units.push_back(unit);
  }
  for (const auto& [name, timer] : declaration.timers) units.push_back(name + ".service");
  if (units.empty() && declaration.runners.empty()) return;
  std::map<std::string, activate::UnitState> states;
  activate::RealSystemd systemd(base::real_processes());
  if (!units.empty()) {
    if (const auto shown = systemd.show(units)) {
      for (const activate::UnitState& state : *shown) states.emplace(state.name, state);
    }
  }
  const auto observed = [&](const std::string& unit) {
    const activate::UnitState& state = states[unit];
    return host::observe_unit(unit, state.load, state.fragment, state.drop_ins);
  };
  const bool here = is_host(declaration);
  const std::string root = environment == nullptr ? "" : environment->root;
  for (const auto& [name, runner] : declaration.runners) {
    const host::ObservedRunner found =
        host::observe_runner(runner, observed(host::runner_unit(runner)), root);
    for (host::Symptom& one : host::runner_symptoms(runner, found, environment, here)) {
      symptoms.push_back(std::move(one));
    }
  }
  for (const auto& [name, timer] : declaration.timers) {
    for (host::Symptom& one : host::timer_symptoms(timer, observed(name + ".service"))) {
      symptoms.push_back(std::move(one));
    }
  }
}

// The declaration here, if there is one, and how far it has come.
void check_project(Invocation& invocation, std::vector<host::Symptom>& symptoms) {
  if (!std::filesystem::exists(invocation.globals().file)) return;
  const auto project = project::open(invocation.globals().file);
  if (!project) {
    symptoms.push_back(
        {"declaration", State::bad, invocation.globals().file + " has mistakes", "cc-ci show"});
    return;
  }
  symptoms.push_back({"declaration", State::good, project->file.native(), ""});
  const auto lock = project::current_lock(*project);
  if (!lock) {
    symptoms.push_back({"lock", State::bad,
                        project->lock_file.native() + " is missing, damaged or "
                                                      "does not agree with the declaration",
                        "cc-ci lock"});
    check_services(project->declaration, nullptr, symptoms);
    return;
  }
  symptoms.push_back({"lock", State::good, project->lock_file.native() + " agrees", ""});
  auto store = store::Store::open(invocation.globals().state);
  if (!store) return;
  const auto planned = project::plan(*project, invocation.context(), *store, *lock, {});
  if (planned && !*planned) {
    symptoms.push_back({"environment", State::unknown, "not built yet", "cc-ci build"});
    check_services(project->declaration, nullptr, symptoms);
    return;
  }
  if (!planned) {
    symptoms.push_back(
        {"environment", State::unknown, wording::one_line(planned.error()), "cc-ci build"});
  } else if (store->has((*planned)->inside.address)) {
    symptoms.push_back(host::check_entry(base::real_processes(), (*planned)->inside.path));
  } else {
    symptoms.push_back(
        {"environment", State::unknown, "its entrypoint is not built yet", "cc-ci build"});
  }
  // Also where the build as a whole is not possible on this machine.
  const auto environment =
      environment::load(*store, environment::address_of(project->declaration, *lock, "shared"));
  check_services(project->declaration, environment ? &*environment : nullptr, symptoms);
}

base::Result<int> run_doctor(Invocation& invocation) {
  std::vector<host::Symptom> symptoms{
      host::check_entry(base::real_processes()),
      host::check_state_directory(invocation.globals().state),
      host::check_apt(),
  };
  check_project(invocation, symptoms);
  invocation.end_progress();
  const bool sick = std::any_of(symptoms.begin(), symptoms.end(), [](const host::Symptom& symptom) {
    return symptom.state == State::bad;
  });
  if (invocation.json()) {
    base::Json json{{"schema", 1}, {"healthy", !sick}, {"checks", base::Json::array()}};
    for (const host::Symptom& symptom : symptoms) {
      json["checks"].push_back({{"check", symptom.what},
                                {"state", state_name(symptom.state)},
                                {"found", symptom.found},
                                {"remedy", symptom.remedy}});
    }
    invocation.print(json);
    return sick ? 1 : 0;
  }
  report::Table table({{.heading = "check"},
                       {.heading = "state"},
                       {.heading = "found", .elastic = true},
                       {.heading = "remedy", .elastic = true}});
  for (const host::Symptom& symptom : symptoms) {
    table.row(
        {symptom.what, std::string(state_name(symptom.state)), symptom.found, symptom.remedy});
  }
  invocation.print(table);
  return sick ? 1 : 0;
}

}  // namespace

const Command& doctor_command() {
  static const Command command{
      .name = "doctor",
      .section = "Start",
      .purpose = "check this machine for problems, and show the remedies",
      .options = {json_option()},
      .prose =
          "Checks what entering an environment needs from the kernel, the state directory, and "
          "apt's download methods and keyrings. If there is a declaration, it also checks whether "
          "it is locked and built, and whether this machine's units conflict with its runners and "
          "timers. Changes nothing.",
      .statuses = {{"1", "there is a problem"}},
      .example = "cc-ci doctor",
      .run = &run_doctor,
  };
  return command;
}

}  // namespace ccci::cli
