// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/runner_checkup.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "declare/runner_kind.hpp"
#include "doctor/runner_case.hpp"
#include "doctor/runner_drop_ins.hpp"
#include "doctor/runner_engine.hpp"
#include "doctor/runner_program.hpp"
#include "doctor/view_checkup.hpp"
#include "host/attachment.hpp"
#include "host/unit_text.hpp"

namespace ccci::doctor {

namespace {

using State = Symptom::State;

// Checks the declaration: problems that do not depend on the host.
bool check_declared(RunnerCase& about) {
  if (declare::runner_unit(about.runner()).empty()) {
    about.bad(host::runner_problem(about.runner()), about.key("unit = \"NAME.service\""));
    return false;
  }
  if (about.kind().overlaid == declare::Overlaid::path_file && about.runner().program.empty())
    return true;
  const std::string problem = host::runner_problem(about.runner());
  if (!problem.empty()) about.bad(problem, "edit " + about.key("in cc-ci.toml"));
  return true;
}

bool check_loaded(RunnerCase& about) {
  const std::string& unit = about.observed().unit.name;
  const std::string& load = about.observed().unit.load;
  if (load == "loaded") return true;
  if (load.empty()) {
    about.add(State::unknown, "systemd did not say what " + unit + " is");
  } else if (load == "masked") {
    about.bad(unit + " is masked, it can never start",
              "systemctl unmask " + unit + ", or name the right one: " + about.key("unit"));
  } else if (load == "not-found") {
    const std::string found = unit + " is not installed on this machine";
    if (about.here() && !about.observed().user_unit.empty()) {
      about.bad(about.observed().user_unit +
                    " is run by a user's own systemd, where nothing can be attached",
                "make it a unit of the system, with User=");
    } else if (about.here()) {
      about.bad(found, "install the runner, or name its unit: " + about.key("unit"));
    } else {
      about.add(State::unknown, found);
    }
  } else {
    about.bad(unit + " does not load: " + load, "systemctl status " + unit);
  }
  return false;
}

void check_user(RunnerCase& about) {
  const std::vector<std::string> texts = about.observed().unit.texts();
  const bool named = !host::settings(texts, "Service", "User").empty() || has_dynamic_user(texts);
  // gitlab-runner changes to the user of its option by su, which sets them.
  const bool by_su =
      about.kind().overlaid == declare::Overlaid::profile && about.observed().user != "root";
  if (!named && !by_su) {
    about.lacks(
        "it has no User=: its jobs get no HOME, USER, LOGNAME and SHELL",
        "systemctl edit " + about.observed().unit.name + ", and add to [Service]: User=root");
  }
  if (about.observed().user_exists) return;
  about.bad("it runs as '" + about.observed().user + "', and there is no such user",
            "adduser --system --group " + about.observed().user);
}

// systemd refuses to start the service, which would be found only when it is restarted.
void check_required(RunnerCase& about) {
  if (!about.here()) return;
  for (const auto& [setting, path, fault] : about.observed().unusable) {
    if (fault != PathFault::absent) {
      about.cannot_start(setting + "= names " + path + ", which is " +
                             (fault == PathFault::directory ? "a directory" : "no directory") +
                             ": the service cannot start",
                         "correct " + setting + "= in the unit");
      continue;
    }
    const bool inside = path.starts_with("/usr/") || path.starts_with("/etc/");
    const bool access = setting.ends_with("Paths") && !setting.starts_with("Bind");
    if (inside && access) {
      about.cannot_start(
          setting + "= names " + path + ", which the environment does not have",
          "write " + setting + "=-" + path + " in the unit" +
              (path.starts_with("/etc/") ? ", or add to [runtime]: host_files = [\"" + path + "\"]"
                                         : ""));
    } else {
      const bool stream = setting.starts_with("Standard") || setting.starts_with("LoadCredential");
      about.cannot_start(
          setting + "= names " + path + ", which does not exist: the service cannot start",
          stream ? "create it" : "create it, or write '-' before it in the unit");
    }
  }
}

// A switch refuses by itself, if it would start the unit.
void check_conditions(RunnerCase& about) {
  for (const std::string& one : about.observed().unmet) {
    const std::string found = one + " is false on this host: systemd would not start it";
    if (!about.observed().starts) {
      about.add(State::good, found);
    } else if (about.here()) {
      about.lacks(found, "make it true, or, if it must not run here: systemctl disable --now " +
                             about.observed().unit.name);
    }
  }
}

// EnvironmentFile= overrides Environment=, independent of their order.
void check_environment_files(RunnerCase& about) {
  struct Last {
    std::string file;
    std::string value;
  };
  std::map<std::string, Last> variables;  // of several files the last one counts
  for (const std::string& path : about.observed().variable_files) {
    const auto file = about.observed().files.find(path);
    if (file == about.observed().files.end()) continue;
    for (const auto& [name, value] : file_variables(file->second))
      variables.insert_or_assign(name, Last{path, value});
  }
  for (const auto& [name, last] : variables) {
    if (about.is_unset(name)) {
      about.without_effect(last.file, name);
    } else if (about.decides(name) && !about.is_declared(name, last.value)) {
      about.wins(last.file, name, "a file of variables wins over the unit's own");
    }
  }
}

}  // namespace

std::vector<Symptom> runner_symptoms(const declare::Runner& runner, const ObservedRunner& observed,
                                     const environment::Environment* environment, bool here) {
  RunnerCase about(runner, observed, environment, here);
  if (!check_declared(about) || !check_loaded(about)) return about.symptoms();
  check_user(about);
  check_required(about);
  check_conditions(about);
  check_program(about);
  check_drop_ins(about);
  check_environment_files(about);
  check_engine(about);
  const std::vector<Symptom> found = about.symptoms();
  const bool sick = std::any_of(found.begin(), found.end(),
                                [](const Symptom& s) { return s.state != State::good; });
  if (!sick) about.add(State::good, observed.unit.name + " is installed, nothing is in the way");
  return about.symptoms();
}

}  // namespace ccci::doctor
