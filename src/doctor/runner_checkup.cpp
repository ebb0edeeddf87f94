// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/runner_checkup.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "base/text.hpp"
#include "declare/runner_kind.hpp"
#include "doctor/drop_in_text.hpp"
#include "doctor/engine_configuration.hpp"
#include "host/attachment.hpp"
#include "host/job_view.hpp"
#include "host/unit_text.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

using State = Symptom::State;

bool is_ours(const UnitSource& source) {
  return fs::path(source.path).filename() == host::drop_in_name;
}

// systemd applies drop-ins in the order of their file names, independent of their directory.
bool after_ours(const UnitSource& source) {
  return source.path.ends_with(".conf") &&
         fs::path(source.path).filename() > fs::path(host::drop_in_name);
}

bool is_below_usr(std::string_view path) {
  return path.starts_with("/usr/") || path.starts_with("/bin/") || path.starts_with("/sbin/");
}

class Checkup {
 public:
  Checkup(const declare::Runner& runner, const ObservedRunner& observed,
          const environment::Environment* environment, bool here)
      : runner_(runner),
        observed_(observed),
        environment_(environment),
        here_(here),
        kind_(declare::runner_kind(runner.kind)),
        unset_(host::unset_variables(environment != nullptr ? *environment
                                                            : environment::Environment{})) {}

  std::vector<Symptom> run() {
    if (!check_declared() || !check_loaded()) return std::move(symptoms_);
    check_user();
    check_program();
    check_surroundings();
    check_drop_ins();
    check_environment_files();
    check_losing();
    check_configuration();
    if (kind_.overlaid == declare::Overlaid::path_file) check_installation();
    if (kind_.overlaid == declare::Overlaid::profile) check_login();
    if (runner_.kind == "woodpecker-local") check_woodpecker();
    const bool sick = std::any_of(symptoms_.begin(), symptoms_.end(),
                                  [](const Symptom& s) { return s.state != State::good; });
    if (!sick) add(State::good, observed_.unit.name + " is installed, nothing is in the way");
    return std::move(symptoms_);
  }

 private:
  void add(State state, std::string_view found, std::string_view remedy = {}) {
    symptoms_.push_back(
        {"runner " + runner_.name.text, state, base::printable(found), base::printable(remedy)});
  }
  void bad(std::string_view found, std::string_view remedy) { add(State::bad, found, remedy); }
  // The service cannot run.
  void prevented(std::string_view found, std::string_view remedy) {
    bad(found, remedy);
    symptoms_.back().prevents = true;
  }
  void wins(const std::string& file, const std::string& name, const char* why) {
    bad(file + " sets " + name + ", and " + why, "remove " + name + " from " + file);
  }
  std::string key(const char* name) const { return "[runners." + runner_.name.text + "] " + name; }

  // The variables that only cc-ci may set. Otherwise a job does not see the environment.
  bool decides(const std::string& name) const {
    if (name == "PATH" || name == "BASH_ENV" || name == "PYTHONPATH" || name == "PYTHONHOME" ||
        name.starts_with("LD_") || name == "CC_CI_ENVIRONMENT") {
      return true;
    }
    if (name == kind_.path_variable || name == kind_.file_variable) return !name.empty();
    return environment_ != nullptr && environment_->variables.contains(name);
  }

  // The drop-in's UnsetEnvironment= removes it, whatever else of the unit sets it.
  bool is_unset(const std::string& name) const {
    return std::binary_search(unset_.begin(), unset_.end(), name);
  }
  void without_effect(const std::string& file, const std::string& name) {
    add(State::good, file + " sets " + name + ", which jobs do not get",
        "if jobs need it, declare it under [runtime.variables]");
  }

  bool check_declared();
  bool check_loaded();
  void check_user();
  void check_program();
  void check_interpreter();
  void check_surroundings();
  void check_mounts(const UnitSource& source);
  void check_drop_ins();
  void check_drop_in(const UnitSource& source);
  void check_environment_files();
  void check_losing();
  void check_configuration();
  void check_installation();
  void check_login();
  void check_woodpecker();

  const declare::Runner& runner_;
  const ObservedRunner& observed_;
  const environment::Environment* environment_;
  bool here_;
  const declare::RunnerKind& kind_;
  std::vector<std::string> unset_;
  std::vector<Symptom> symptoms_;
};

// Checks the declaration: problems that do not depend on the host.
bool Checkup::check_declared() {
  if (declare::runner_unit(runner_).empty()) {
    bad(host::runner_problem(runner_), key("unit = \"NAME.service\""));
    return false;
  }
  if (kind_.overlaid == declare::Overlaid::path_file && runner_.program.empty()) return true;
  const std::string problem = host::runner_problem(runner_);
  if (!problem.empty()) bad(problem, "edit " + key("in cc-ci.toml"));
  return true;
}

bool Checkup::check_loaded() {
  const std::string& unit = observed_.unit.name;
  const std::string& load = observed_.unit.load;
  if (load == "loaded") return true;
  if (load.empty()) {
    add(State::unknown, "systemd did not say what " + unit + " is");
  } else if (load == "masked") {
    prevented(unit + " is masked, it can never start",
              "systemctl unmask " + unit + ", or name the right one: " + key("unit"));
  } else if (load == "not-found") {
    add(here_ ? State::bad : State::unknown, unit + " is not installed on this machine",
        here_ ? "install the runner, or name its unit: " + key("unit") : "");
    symptoms_.back().prevents = here_;
  } else {
    prevented(unit + " does not load: " + load, "systemctl status " + unit);
  }
  return false;
}

void Checkup::check_user() {
  const auto& sources = observed_.unit.sources;
  const bool named = std::any_of(sources.begin(), sources.end(), [](const UnitSource& source) {
    const auto users = host::settings({source.text}, "Service", "User");
    const auto dynamic = host::settings({source.text}, "Service", "DynamicUser");
    return (!users.empty() && !users.back().empty()) || !dynamic.empty();
  });
  // gitlab-runner changes to the user of its option by su, which sets them.
  const bool by_su = kind_.overlaid == declare::Overlaid::profile && observed_.user != "root";
  if (!named && !by_su) {
    bad("it has no User=: its jobs get no HOME, USER, LOGNAME and SHELL",
        "systemctl edit " + observed_.unit.name + ", and add to [Service]: User=root");
  }
  if (observed_.user_exists) return;
  prevented("it runs as '" + observed_.user + "', and there is no such user",
            "adduser --system --group " + observed_.user);
}

void Checkup::check_program() {
  if (!runner_.program.empty()) {
    const auto there = observed_.on_host.find(runner_.program);
    if (there != observed_.on_host.end() && !there->second) {
      prevented(
          "its program " + runner_.program + " is not on this machine: the service could not start",
          "install the runner, or correct " + key("program"));
      return;
    }
  }
  const std::string& program = observed_.program;
  if (program.empty()) {
    add(State::unknown, "which program its ExecStart runs is known only where it runs");
    return;
  }
  if (!is_below_usr(program) || program == runner_.program) {
    check_interpreter();
    return;
  }
  const auto inside = observed_.inside.find(program);
  if (inside == observed_.inside.end()) {
    add(State::unknown,
        "whether its program " + program +
            " is in the environment is known once "
            "that is built",
        "cc-ci build");
  } else if (!inside->second) {
    prevented("its program " + program + " is not in the environment, which becomes its /usr",
              "add the daemon's package to [runtime] packages, or: " +
                  key(("program = \"" + program + "\"").c_str()));
  }
}

// A runner may keep the program of its daemon but lose the interpreter of that program.
void Checkup::check_interpreter() {
  for (const auto& [path, inside] : observed_.inside) {
    if (path == observed_.program || path == runner_.program || inside) continue;
    const bool helper = std::any_of(observed_.helpers.begin(), observed_.helpers.end(),
                                    [&path = path](const auto& one) { return one.second == path; });
    if (helper) continue;
    if (!path.starts_with("/usr/") && !path.starts_with("/bin/")) continue;
    prevented("its program is a script for " + path + ", which is not in the environment",
              "add the package of " + path + " to [runtime] packages");
  }
}

// What else of the unit systemd looks for in the environment before the daemon starts.
void Checkup::check_surroundings() {
  for (const auto& [setting, program] : observed_.helpers) {
    const auto inside = observed_.inside.find(program);
    if (!is_below_usr(program) || program == runner_.program || program == observed_.program ||
        inside == observed_.inside.end() || inside->second) {
      continue;
    }
    prevented(
        setting + "= runs " + program + ", which is not in the environment, which becomes its /usr",
        "add its package to [runtime] packages, or move it below /opt");
  }
  for (const std::string& path : observed_.arguments) {
    const auto seen = observed_.places.find(path);
    if (seen == observed_.places.end() || seen->second) continue;
    const std::string above = fs::path(path).parent_path().native();
    prevented("its ExecStart= names " + path + ", which is not in the environment's /etc",
              "add to [runtime]: host_files = [\"" + (above == "/etc" ? path : above) + "\"]");
  }
  const auto there = observed_.places.find(observed_.directory);
  const bool own = !runner_.program.empty() &&
                   fs::path(runner_.program).parent_path().native() == observed_.directory;
  if (is_below_usr(observed_.directory) && !own && there != observed_.places.end() &&
      !there->second) {
    prevented("its WorkingDirectory=" + observed_.directory +
                  " is not in the environment, which becomes its /usr",
              "systemctl edit " + observed_.unit.name + ", and choose a directory outside /usr");
  }
}

// systemd would make a missing target in the published root.
void Checkup::check_mounts(const UnitSource& source) {
  for (const std::string& target : mount_targets(source.text)) {
    const auto there = observed_.places.find(target);
    if (there == observed_.places.end() || there->second || environment_ == nullptr) continue;
    const auto covers = [&target](const std::string& place) {
      return target.starts_with("/" + place + "/");
    };
    if (!covers("etc") &&
        std::none_of(environment_->places.begin(), environment_->places.end(), covers))
      continue;
    bad(source.path + " mounts onto " + target + ", which the environment does not have",
        "mount it below /opt or /srv, or declare it: host_files = [\"" + target + "\"]");
  }
}

void Checkup::check_drop_ins() {
  for (const UnitSource& source : observed_.unit.sources) {
    if (is_ours(source)) continue;
    check_mounts(source);
    for (const std::string& name : names_set(source.text)) {
      if (is_unset(name)) without_effect(source.path, name);
    }
    for (const char* root : {"RootDirectory", "RootImage"}) {
      if (host::settings({source.text}, "Service", root).empty()) continue;
      bad(source.path + " sets " + root + "=: the service sees another root",
          "remove " + std::string(root) + "= from " + source.path);
    }
    if (after_ours(source)) {
      check_drop_in(source);
      continue;
    }
    // Our drop-in adds to these mounts, and systemd would create their mount points in a published
    // root.
    for (const char* mounts : {"BindPaths", "BindReadOnlyPaths"}) {
      if (!mounts_on_usr(host::settings({source.text}, "Service", mounts))) continue;
      bad(source.path + " mounts onto /usr with " + mounts + "=",
          "remove it, or declare the file: " + key("program"));
    }
  }
}

void Checkup::check_drop_in(const UnitSource& source) {
  const std::string remedy = "remove it from " + source.path;
  for (const std::string& name : names_set(source.text)) {
    if (!decides(name) || is_unset(name)) continue;
    bad(source.path + " sets " + name + " again, after cc-ci's drop-in", remedy);
  }
  if (clears(source.text, "UnsetEnvironment")) {
    bad(source.path + " clears UnsetEnvironment=, cc-ci's with it", remedy);
  }
  if (clears(source.text, "Environment")) {
    bad(source.path + " clears Environment=, cc-ci's with it", remedy);
  }
  for (const std::string& value : host::settings({source.text}, "Service", "UnsetEnvironment")) {
    for (const std::string_view name : base::split(value, ' ')) {
      if (decides(std::string(name))) bad(source.path + " unsets " + std::string(name), remedy);
    }
  }
  for (const char* mounts : {"BindPaths", "BindReadOnlyPaths"}) {
    if (clears(source.text, mounts)) {
      bad(source.path + " clears " + mounts + "=, cc-ci's with it", remedy);
    } else if (mounts_on_usr(host::settings({source.text}, "Service", mounts))) {
      bad(source.path + " mounts onto /usr with " + mounts + "=, after cc-ci's drop-in", remedy);
    }
  }
}

// EnvironmentFile= overrides Environment=, independent of their order.
void Checkup::check_environment_files() {
  for (const std::string& path : environment_files(observed_.unit)) {
    const auto file = observed_.files.find(path);
    if (file == observed_.files.end()) continue;
    for (const auto& [name, value] : file_variables(file->second)) {
      if (is_unset(name)) {
        without_effect(path, name);
      } else if (decides(name)) {
        wins(path, name, "a file of variables wins over the unit's own");
      }
    }
  }
}

// Reports a list of paths that has no effect any more, because it would mislead a reader.
void Checkup::check_losing() {
  if (kind_.path_variable.empty()) return;
  const std::string name(kind_.path_variable);
  for (const UnitSource& source : observed_.unit.sources) {
    if (is_ours(source) || after_ours(source) || !names_set(source.text).contains(name)) continue;
    add(State::good, name + " in " + source.path + " loses against cc-ci's",
        "remove it from " + source.path);
  }
}

// The engine's own file, and files of variables that it names.
void Checkup::check_configuration() {
  const std::string& path = observed_.configuration;
  const auto text = observed_.files.find(path);
  if (text == observed_.files.end()) return;
  const EngineVariables engine = engine_variables(kind_, text->second);
  if (!engine.readable) add(State::unknown, path + " cannot be read as the engine reads it");
  for (const std::string& name : engine.losing)
    add(State::good, name + " in " + path + " loses against cc-ci's", "remove it from " + path);
  for (const auto& [name, executor] : engine.elsewhere) {
    add(State::good,
        "runner '" + name + "' in " + path + " has the executor '" + executor +
            "': its jobs do not run in the environment",
        "executor = \"shell\" in " + path + ", or test them in an image of cc-ci image");
  }
  const bool replaced = !kind_.file_variable.empty();  // by cc-ci's own file of variables
  const auto check = [&](const std::string& file, const std::string& name) {
    const bool ours =
        replaced &&
        (name == "PATH" || (environment_ != nullptr && environment_->variables.contains(name)));
    if (!ours && (decides(name) || is_unset(name)))
      wins(file, name, "the engine gives it to every job");
  };
  for (const std::string& name : engine.names) check(path, name);
  for (const std::string& file : engine.files) {
    const auto lines = observed_.files.find(file);
    if (lines == observed_.files.end()) continue;
    const auto variables = file_variables(lines->second);
    for (const auto& [name, value] : variables) {
      if (!replaced) check(file, name);
    }
    if (replaced && !variables.empty()) {
      add(State::good,
          "jobs do not get the variables of " + file +
              " any more: " + base::join(base::keys_of(variables), ", "),
          "if jobs need them, declare them under [runtime.variables]");
    }
  }
}

void Checkup::check_installation() {
  const std::string& program = runner_.program.empty() ? observed_.program : runner_.program;
  if (program.empty()) return;
  const fs::path installation = fs::path(program).parent_path();
  const std::string path_file = (installation / ".path").native();
  const auto frozen = observed_.files.find(path_file);
  if (runner_.program.empty()) {
    const std::string held =
        frozen == observed_.files.end()
            ? std::string()
            : ", now " + std::string(base::trim(frozen->second)).substr(0, 200);
    bad("its jobs' PATH is what " + path_file + " froze when it was configured" + held,
        key(("program = \"" + (installation / "runsvc.sh").native() + "\"").c_str()));
  } else if (frozen == observed_.files.end()) {
    // systemd would create an empty file as the mount point for ours. If cc-ci is removed later,
    // this empty file would make PATH empty.
    bad("there is no " + path_file + " to be mounted over",
        "cd " + installation.native() + " && ./env.sh");
  }
  const std::string env_file = (installation / ".env").native();
  const auto env = observed_.files.find(env_file);
  if (env == observed_.files.end()) return;
  for (const auto& [name, value] : file_variables(env->second)) {
    if (decides(name)) {
      wins(env_file, name, "it wins over the unit");
    }
  }
}

// Checks the user's files that the login shell of jobs reads after /etc/profile.
void Checkup::check_login() {
  for (const auto& [path, text] : observed_.files) {
    const std::string name = fs::path(path).filename().native();
    if (name == ".bash_logout" && text.find("clear_console") != std::string::npos) {
      bad(path + " calls clear_console, which ends every job without a terminal",
          "mv " + path + " " + path + ".before-cc-ci");
    }
    if (name != ".bash_profile" && name != ".bash_login" && name != ".profile") continue;
    for (const std::string_view line : base::split(text, '\n')) {
      // Debian's default files have indented PATH lines, which only add the user's directories.
      if (!line.starts_with("PATH=") && !line.starts_with("export PATH=")) continue;
      bad(path + " sets PATH after /etc/profile", "remove that line from " + path);
      break;
    }
  }
}

void Checkup::check_woodpecker() {
  if (environment_ == nullptr) return;
  for (const char* wanted : {"plugin-git", "git"}) {
    const auto& exposed = environment_->exposed;
    const bool there = std::any_of(exposed.begin(), exposed.end(), [&](const auto& directory) {
      return std::any_of(directory.commands.begin(), directory.commands.end(),
                         [&](const environment::Command& one) { return one.name == wanted; });
    });
    if (there) continue;
    const std::string name = wanted;
    bad("there is no " + name + " on PATH" +
            (name == "git" ? std::string() : ": the agent downloads one for every workflow"),
        "add '" + name + "' to [runtime] tools" +
            (name == "git" ? std::string() : ", with its release under [packages.plugin-git]"));
  }
}

}  // namespace

std::vector<Symptom> runner_symptoms(const declare::Runner& runner, const ObservedRunner& observed,
                                     const environment::Environment* environment, bool here) {
  return Checkup(runner, observed, environment, here).run();
}

}  // namespace ccci::doctor
