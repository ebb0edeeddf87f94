// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/runner_engine.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "declare/runner_kind.hpp"
#include "doctor/engine_configuration.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

using State = Symptom::State;

// The engine's own file, and files of variables that it names.
void check_configuration(RunnerCase& about) {
  const std::string& path = about.observed().configuration;
  const auto text = about.observed().files.find(path);
  if (text == about.observed().files.end()) return;
  const EngineVariables engine = engine_variables(about.kind(), text->second);
  if (!engine.readable) about.add(State::unknown, path + " cannot be read as the engine reads it");
  for (const std::string& name : engine.losing)
    about.add(State::good, name + " in " + path + " loses against cc-ci's",
              "remove it from " + path);
  for (const auto& [name, executor] : engine.elsewhere) {
    about.add(State::good,
              "runner '" + name + "' in " + path + " has the executor '" + executor +
                  "': its jobs do not run in the environment",
              "executor = \"shell\" in " + path + ", or test them in an image of cc-ci image");
  }
  const bool replaced = !about.kind().file_variable.empty();  // by cc-ci's own file of variables
  const auto check = [&](const std::string& file, const std::string& name,
                         const std::string& value) {
    const bool ours = replaced && (name == "PATH" || about.is_set(name));
    if (ours || about.is_declared(name, value)) return;
    if (about.decides(name) || about.is_unset(name))
      about.wins(file, name, "the engine gives it to every job");
  };
  for (const auto& [name, value] : engine.variables) check(path, name, value);
  for (const std::string& file : engine.files) {
    const auto lines = about.observed().files.find(file);
    if (lines == about.observed().files.end()) continue;
    const auto variables = file_variables(lines->second);
    for (const auto& [name, value] : variables) {
      if (!replaced) check(file, name, value);
    }
    if (replaced && !variables.empty()) {
      about.add(State::good,
                "jobs do not get the variables of " + file +
                    " any more: " + base::join(base::keys_of(variables), ", "),
                "if jobs need them, declare them under [runtime.variables]");
    }
  }
}

void check_installation(RunnerCase& about) {
  const std::string& program =
      about.runner().program.empty() ? about.observed().program : about.runner().program;
  if (program.empty()) return;
  const fs::path installation = fs::path(program).parent_path();
  const std::string path_file = (installation / ".path").native();
  const auto frozen = about.observed().files.find(path_file);
  if (about.runner().program.empty()) {
    const std::string held =
        frozen == about.observed().files.end()
            ? std::string()
            : ", now " + std::string(base::trim(frozen->second)).substr(0, 200);
    about.bad("its jobs' PATH is what " + path_file + " froze when it was configured" + held,
              about.key(("program = \"" + (installation / "runsvc.sh").native() + "\"").c_str()));
  } else if (frozen == about.observed().files.end()) {
    // systemd would create an empty file as the mount point for ours. If cc-ci is removed later,
    // this empty file would make PATH empty.
    about.lacks("there is no " + path_file + " to be mounted over",
                "cd " + installation.native() + " && ./env.sh");
  }
  const std::string env_file = (installation / ".env").native();
  const auto env = about.observed().files.find(env_file);
  if (env == about.observed().files.end()) return;
  for (const auto& [name, value] : file_variables(env->second)) {
    if ((about.decides(name) || about.is_unset(name)) && !about.is_declared(name, value)) {
      about.wins(env_file, name, "it wins over the unit");
    }
    // ACTIONS_RUNNER_HOOK_JOB_STARTED and the like: without its script, the runner fails each job.
    constexpr std::string_view hook = "ACTIONS_RUNNER_HOOK_";
    const auto there = about.observed().places.find(value);
    if (name.starts_with(hook) && there != about.observed().places.end() && !there->second) {
      about.bad(env_file + " names the hook " + value +
                    ", which is not in the environment, which becomes its /usr",
                "move the hook below /opt, and correct " + env_file);
    }
  }
}

// Checks the user's files that the login shell of jobs reads after /etc/profile.
void check_login(RunnerCase& about) {
  for (const auto& [path, text] : about.observed().files) {
    const std::string name = fs::path(path).filename().native();
    if (name == ".bash_logout" && text.find("clear_console") != std::string::npos) {
      about.bad(path + " calls clear_console, which ends every job without a terminal",
                "mv " + path + " " + path + ".before-cc-ci");
    }
    if (name != ".bash_profile" && name != ".bash_login" && name != ".profile") continue;
    for (const std::string_view line : base::split(text, '\n')) {
      // Debian's default files have indented PATH lines, which only add the user's directories.
      if (!line.starts_with("PATH=") && !line.starts_with("export PATH=")) continue;
      about.bad(path + " sets PATH after /etc/profile", "remove that line from " + path);
      break;
    }
  }
}

void check_woodpecker(RunnerCase& about) {
  if (about.environment() == nullptr) return;
  for (const char* wanted : {"plugin-git", "git"}) {
    const auto& exposed = about.environment()->exposed;
    const bool there = std::any_of(exposed.begin(), exposed.end(), [&](const auto& directory) {
      return std::any_of(directory.commands.begin(), directory.commands.end(),
                         [&](const environment::Command& one) { return one.name == wanted; });
    });
    if (there) continue;
    const std::string name = wanted;
    about.lacks(
        "there is no " + name + " on PATH" +
            (name == "git" ? std::string() : ": the agent downloads one for every workflow"),
        "add '" + name + "' to [runtime] tools" +
            (name == "git" ? std::string() : ", with its release under [packages.plugin-git]"));
  }
}

}  // namespace

void check_engine(RunnerCase& about) {
  check_configuration(about);
  if (about.kind().overlaid == declare::Overlaid::path_file) check_installation(about);
  if (about.kind().overlaid == declare::Overlaid::profile) check_login(about);
  if (about.runner().kind == "woodpecker-local") check_woodpecker(about);
}

}  // namespace ccci::doctor
