// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/systemd.hpp"
#include "base/checkout.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/invocation.hpp"
#include "deploy/bringing.hpp"
#include "deploy/fleet.hpp"
#include "deploy/remote.hpp"
#include "deploy/unreachable.hpp"
#include "doctor/checkup.hpp"
#include "doctor/project_checkup.hpp"
#include "view/symptoms.hpp"

namespace ccci::cli {

namespace {

// An argument of a timer that exists on this machine only.
void tell_what_exists_only_here(const declare::Declaration& declaration,
                                std::vector<doctor::Symptom>& symptoms) {
  for (const auto& [name, timer] : declaration.timers) {
    for (const std::string& word : timer.exec) {
      std::error_code error;
      if (!word.starts_with('/') || !std::filesystem::exists(word, error)) continue;
      for (doctor::Symptom& symptom : symptoms) {
        const bool same = symptom.what == "timer " + name &&
                          symptom.state == doctor::Symptom::State::unknown &&
                          symptom.found.find(' ' + word + ' ') != std::string::npos;
        if (!same) continue;
        symptom.state = doctor::Symptom::State::bad;
        symptom.found += "; it exists only here";
      }
    }
  }
}

base::Result<std::vector<doctor::Symptom>> ask_about(Invocation& invocation,
                                                     const project::Project& project,
                                                     const std::string& name) {
  const std::string destination = deploy::destination_of(project.declaration.hosts.at(name));
  CCCI_TRY(const std::string text,
           base::read_of_project(project.file, declare::largest_declaration));
  CCCI_TRY(const auto program, deploy::Program::own(system_state));
  const deploy::Start start{
      program.get(), name, {"-q", "--state", system_state, "receive", "--doctor", name}};
  CCCI_TRY(const base::Outcome outcome,
           deploy::ask_host(destination, start, std::to_string(text.size()) + "\n" + text));
  constexpr int no_program = 127;
  if (outcome.status == no_program || outcome.err.find("command not found") != std::string::npos) {
    return std::vector<doctor::Symptom>{
        {"cc-ci", doctor::Symptom::State::bad, "not installed on " + name,
         "copy cc-ci's .deb there, then: apt install ./cc-ci_*.deb"}};
  }
  if (outcome.status == deploy::no_connection) {
    return base::unexpected(deploy::unreachable_error(name, destination, outcome));
  }
  auto symptoms = view::symptoms_in(outcome.out);
  if (!symptoms) {
    return base::unexpected(
        base::fail("deploy.no-answer").with("host", name).with("output", base::trim(outcome.err)));
  }
  tell_what_exists_only_here(declare::for_host(project.declaration, name), *symptoms);
  invocation.end_progress();
  return *std::move(symptoms);
}

base::Result<int> check_hosts(Invocation& invocation, const std::vector<std::string>& names) {
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  CCCI_TRY(const std::vector<std::string> hosts, project::hosts(project, names));
  std::vector<doctor::Symptom> all;
  for (const std::string& name : hosts) {
    CCCI_TRY(std::vector<doctor::Symptom> symptoms, ask_about(invocation, project, name));
    for (doctor::Symptom& symptom : symptoms) {
      if (hosts.size() > 1) symptom.what = name + ": " + symptom.what;
      all.push_back(std::move(symptom));
    }
  }
  view::print_symptoms(invocation, all);
  return view::is_sick(all) ? 1 : 0;
}

base::Result<int> run_doctor(Invocation& invocation) {
  if (const auto names = invocation.values("host"); !names.empty())
    return check_hosts(invocation, names);
  std::vector<doctor::Symptom> symptoms{
      doctor::check_entry(base::real_processes()),
      doctor::check_state_directory(invocation.globals().state),
      doctor::check_apt(),
  };
  if (std::filesystem::exists(invocation.globals().file)) {
    activate::RealSystemd systemd(base::real_processes());
    const doctor::Machine machine{host_layout(), systemd, base::real_processes()};
    for (doctor::Symptom& symptom :
         doctor::check_project(invocation.globals().file, invocation.context(), machine)) {
      symptoms.push_back(std::move(symptom));
    }
  }
  invocation.end_progress();
  view::print_symptoms(invocation, symptoms);
  return view::is_sick(symptoms) ? 1 : 0;
}

}  // namespace

const Command& doctor_command() {
  static const Command command{
      .name = "doctor",
      .section = "Start",
      .purpose = "check this machine for problems, and show the remedies",
      .options = {{.name = "host",
                   .value = "NAME",
                   .help = "check this declared host over ssh instead, also before the first "
                           "deploy (repeatable)",
                   .repeatable = true,
                   .completes = Completion::host},
                  json_option()},
      .prose =
          "Checks what entering an environment needs from the kernel, the state directory, and "
          "apt's download methods and keyrings. If there is a declaration, it also checks whether "
          "it is locked and built, and whether this machine's units conflict with its runners and "
          "timers. Changes nothing.\n\n"
          "With --host, cc-ci on that host checks the same against this declaration, and is "
          "brought "
          "there if the host does not have this version. It lists what the host lacks: units of "
          "runners, users, directories, files of secrets, and paths that "
          "exist only here.",
      .statuses = {{"1", "there is a problem"}},
      .example = "cc-ci doctor",
      .run = &run_doctor,
  };
  return command;
}

}  // namespace ccci::cli
