// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/project_checkup.hpp"

#include <string>

#include "activate/generations.hpp"
#include "base/text.hpp"
#include "doctor/cron_checkup.hpp"
#include "doctor/service_checkup.hpp"
#include "environment/build.hpp"
#include "environment/environment.hpp"
#include "project/build.hpp"
#include "project/lock_status.hpp"
#include "store/store.hpp"
#include "wording/message.hpp"

namespace ccci::doctor {

namespace {

using State = Symptom::State;

// The declared host that this machine is: the one that it was switched to, or the one with its
// name. Empty if it is none.
std::string host_of(const activate::Layout& layout, const declare::Declaration& declaration) {
  const activate::Generations generations(layout);
  const std::string active = generations.standing().host;
  if (declaration.hosts.contains(active)) return active;
  const std::string machine = project::machine_name();
  for (const std::string& name : {machine, machine.substr(0, machine.find('.'))}) {
    if (declaration.hosts.contains(name)) return name;
  }
  return {};
}

// Whether this machine must have the units of the declaration.
bool is_host(const activate::Layout& layout, const std::string& host) {
  std::error_code error;
  return !host.empty() || std::filesystem::exists(layout.home() / "current", error);
}

}  // namespace

std::vector<Symptom> check_project(const std::filesystem::path& file,
                                   const project::Context& context, const Machine& machine) {
  std::vector<Symptom> symptoms;
  const auto project = project::open(file);
  if (!project) {
    const base::Error& error = project.error();
    std::string found = wording::one_line(error);
    if (!error.where.empty()) {
      const base::Position& at = error.where.front();
      found =
          at.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + found;
    }
    symptoms.push_back({"declaration", State::bad, base::printable(found),
                        wording::hint_of(error).value_or("correct " + file.native())});
    return symptoms;
  }
  symptoms.push_back({"declaration", State::good, project->file.native(), ""});
  const std::string host = host_of(machine.layout, project->declaration);
  const bool here = is_host(machine.layout, host);
  const declare::Declaration declaration =
      host.empty() ? project->declaration : declare::for_host(project->declaration, host);
  const auto add = [&](std::vector<Symptom> more) {
    for (Symptom& one : more) symptoms.push_back(std::move(one));
  };
  if (here) add(check_cron(cron_jobs()));
  if (here) add(unread_crontabs());
  const auto lock = project::current_lock(*project);
  if (!lock) {
    symptoms.push_back({"lock", State::bad,
                        project->lock_file.native() + " is missing, damaged or "
                                                      "does not agree with the declaration",
                        "cc-ci lock"});
    add(check_services(machine, declaration, nullptr, here));
    return symptoms;
  }
  symptoms.push_back({"lock", State::good, project->lock_file.native() + " agrees", ""});
  auto store = store::Store::look(context.state);
  if (!store) return symptoms;  // check_state_directory() names the cause
  const auto planned = project::plan(*project, context, *store, *lock, {});
  if (planned && !*planned) {
    symptoms.push_back({"environment", State::unknown, "not built yet", "cc-ci build"});
    add(check_services(machine, declaration, nullptr, here));
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
  add(check_services(machine, declaration, environment ? &*environment : nullptr, here));
  return symptoms;
}

base::Result<void> require_services(const project::Project& project, const store::Store& store,
                                    const Machine& machine, const std::string& host,
                                    const std::vector<std::string>& restarted) {
  CCCI_TRY(const lock::Lock lock, project::current_lock(project));
  const auto environment =
      environment::load(store, environment::address_of(project.declaration, lock, "shared"));
  return require_services(machine, declare::for_host(project.declaration, host),
                          environment ? &*environment : nullptr, restarted);
}

}  // namespace ccci::doctor
