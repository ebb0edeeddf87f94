// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/runner_program.hpp"

#include <algorithm>
#include <filesystem>

#include "declare/runner_kind.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

using State = Symptom::State;

bool is_below_usr(std::string_view path) {
  return path.starts_with("/usr/") || path.starts_with("/bin/") || path.starts_with("/sbin/");
}

// A runner may keep the program of its daemon but lose the interpreter of that program.
void check_interpreter(RunnerCase& about) {
  for (const auto& [path, inside] : about.observed().inside) {
    if (path == about.observed().program || path == about.runner().program || inside) continue;
    const bool helper =
        std::any_of(about.observed().helpers.begin(), about.observed().helpers.end(),
                    [&path = path](const auto& one) { return one.second == path; });
    if (helper) continue;
    if (!path.starts_with("/usr/") && !path.starts_with("/bin/")) continue;
    about.bad("its program is a script for " + path + ", which is not in the environment",
              "add the package of " + path + " to [runtime] packages");
  }
}

// What else of the unit systemd looks for in the environment before the daemon starts.
void check_surroundings(RunnerCase& about) {
  for (const auto& [setting, program] : about.observed().helpers) {
    const auto inside = about.observed().inside.find(program);
    if (!is_below_usr(program) || program == about.runner().program ||
        program == about.observed().program || inside == about.observed().inside.end() ||
        inside->second) {
      continue;
    }
    about.bad(
        setting + "= runs " + program + ", which is not in the environment, which becomes its /usr",
        "add its package to [runtime] packages, or move it below /opt");
  }
  for (const std::string& path : about.observed().arguments) {
    const auto seen = about.observed().places.find(path);
    if (seen == about.observed().places.end() || seen->second) continue;
    const std::string above = fs::path(path).parent_path().native();
    about.bad("its ExecStart= names " + path + ", which is not in the environment's /etc",
              "add to [runtime]: host_files = [\"" + (above == "/etc" ? path : above) + "\"]");
  }
  const auto there = about.observed().places.find(about.observed().directory);
  const bool own =
      !about.runner().program.empty() &&
      fs::path(about.runner().program).parent_path().native() == about.observed().directory;
  if (is_below_usr(about.observed().directory) && !own && there != about.observed().places.end() &&
      !there->second) {
    about.bad(
        "its WorkingDirectory=" + about.observed().directory +
            " is not in the environment, which becomes its /usr",
        "systemctl edit " + about.observed().unit.name + ", and choose a directory outside /usr");
  }
}

void check_daemon(RunnerCase& about) {
  if (!about.runner().program.empty()) {
    const auto there = about.observed().on_host.find(about.runner().program);
    if (there != about.observed().on_host.end() && !there->second) {
      about.bad("its program " + about.runner().program +
                    " is not on this machine: the service could not start",
                "install the runner, or correct " + about.key("program"));
      return;
    }
  }
  const std::string& program = about.observed().program;
  if (program.empty()) {
    about.add(State::unknown, "which program its ExecStart runs is known only where it runs");
    return;
  }
  if (!is_below_usr(program) || program == about.runner().program) {
    check_interpreter(about);
    return;
  }
  const auto inside = about.observed().inside.find(program);
  if (inside == about.observed().inside.end()) {
    about.add(State::unknown,
              "whether its program " + program +
                  " is in the environment is known once "
                  "that is built",
              "cc-ci build");
  } else if (!inside->second) {
    about.bad("its program " + program + " is not in the environment, which becomes its /usr",
              "add the daemon's package to [runtime] packages, or: " +
                  about.key(("program = \"" + program + "\"").c_str()));
  }
}

}  // namespace

void check_program(RunnerCase& about) {
  check_daemon(about);
  check_surroundings(about);
}

}  // namespace ccci::doctor
