// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "activate/systemd.hpp"
#include "base/process.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/invocation.hpp"
#include "doctor/checkup.hpp"
#include "doctor/project_checkup.hpp"

namespace ccci::cli {

namespace {

using State = doctor::Symptom::State;

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

base::Result<int> run_doctor(Invocation& invocation) {
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
  const bool sick =
      std::any_of(symptoms.begin(), symptoms.end(),
                  [](const doctor::Symptom& symptom) { return symptom.state == State::bad; });
  if (invocation.json()) {
    base::Json json{{"schema", 1}, {"healthy", !sick}, {"checks", base::Json::array()}};
    for (const doctor::Symptom& symptom : symptoms) {
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
  for (const doctor::Symptom& symptom : symptoms) {
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
