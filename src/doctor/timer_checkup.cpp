// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/timer_checkup.hpp"

#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/files.hpp"
#include "base/shell.hpp"
#include "base/text.hpp"
#include "doctor/variables_file.hpp"
#include "host/job_view.hpp"
#include "host/unit_text.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

using State = Symptom::State;

constexpr std::string_view our_units = "/usr/local/lib/systemd/system/";

constexpr std::uint64_t largest_variables_file = 1U << 20U;

// Programs of packages are the environment's; what is in these directories the job makes itself.
bool is_elsewhere(const std::string& path) {
  static constexpr std::array<std::string_view, 8> places{
      "/usr/", "/bin/", "/tmp/", "/var/tmp/", "/run/", "/var/run/", "/var/lock/", "/dev/"};
  return std::any_of(places.begin(), places.end(),
                     [&](std::string_view place) { return path.starts_with(place); });
}

class TimerCheckup {
 public:
  TimerCheckup(const declare::Timer& timer, const environment::Environment* environment,
               const fs::path& host)
      : timer_(timer), host_(host) {
    if (environment != nullptr) declared_ = host::view_variables(*environment);
  }

  std::vector<Symptom> run() {
    check_user();
    if (!timer_.directory.empty() && !is(timer_.directory, S_IFDIR)) {
      add(State::bad, "its directory " + timer_.directory + " does not exist",
          "mkdir -p " + base::shell_quoted(timer_.directory));
    }
    for (const std::string& entry : timer_.environment_files) {
      const bool may_be_absent = entry.starts_with('-');
      const std::string file = entry.substr(may_be_absent ? 1 : 0);
      struct stat status = {};
      if (!may_be_absent || look(file, status)) check_secret(file);
      check_variables(file);
    }
    for (const auto& [name, file] : timer_.credentials) check_secret(file);
    if (!timer_.on_failure.empty()) {
      const std::string& program = timer_.on_failure.front();
      if (program.starts_with('/') && !is(program, S_IFREG))
        add(State::bad, "its on_failure command " + program + " does not exist",
            "install it, or correct on_failure");
    }
    check_arguments();
    return std::move(symptoms_);
  }

 private:
  void add(State state, std::string_view found, std::string_view remedy) {
    symptoms_.push_back(
        {"timer " + timer_.name.text, state, base::printable(found), base::printable(remedy)});
  }

  bool look(const std::string& path, struct stat& status) const {
    return stat((host_ / path.substr(1)).c_str(), &status) == 0;
  }
  bool is(const std::string& path, mode_t type) const {
    struct stat status = {};
    return look(path, status) && (status.st_mode & S_IFMT) == type;
  }

  void check_user() {
    if (timer_.user.empty() || getpwnam(timer_.user.c_str()) != nullptr) return;
    add(State::bad, "it runs as '" + timer_.user + "', and there is no such user",
        "adduser --system --group " + timer_.user);
  }

  void check_secret(const std::string& file) {
    struct stat status = {};
    const bool seen = look(file, status);
    if (!seen && errno != ENOENT && errno != ENOTDIR) {
      add(State::unknown,
          "its file " + file + " cannot be looked at: " + base::describe_errno(errno),
          "run cc-ci doctor as root");
    } else if (!seen) {
      // touch: the remedy must not empty a file that exists by then.
      add(State::bad, "its file " + file + " does not exist",
          "mkdir -p " + fs::path(file).parent_path().native() + " && touch " + file +
              " && chmod 600 " + file + ", then write the secrets to it");
    } else if (!S_ISREG(status.st_mode)) {
      add(State::bad, "its file " + file + " is not a regular file", "correct the declaration");
    } else if ((status.st_mode & S_IRWXO) != 0) {
      add(State::bad, "everybody on this host can read or change its file " + file,
          "chmod o-rwx " + file);
    }
  }

  // The values may be secrets, so only the numbers of the lines are told.
  void check_variables(const std::string& file) {
    const auto text = base::read_file(host_ / file.substr(1), largest_variables_file);
    if (!text) return;
    for (const std::size_t line : lines_left_out(*text)) {
      add(State::bad,
          "line " + std::to_string(line) + " of " + file + " sets nothing: it is not NAME=value",
          "correct the line; systemd knows no 'export'");
    }
    for (const auto& [name, value] : file_variables(*text)) check_variable(file, name, value);
  }

  // The job's entrypoint drops and sets variables, whoever starts it.
  void check_variable(const std::string& file, const std::string& name, const std::string& value) {
    const auto declared = declared_.find(name);
    if (declared != declared_.end()) {
      if (declared->second == value) return;
      add(State::good, file + " sets " + name + ", but the job gets the declared value",
          "remove " + name + " from " + file);
    } else if (host::is_dropped(name)) {
      add(State::good, file + " sets " + name + ", which the job does not get",
          name == "PATH" ? "declare the commands: [runtime] tools"
                         : "if the job needs it, declare it under [runtime.variables]");
    } else if (name == "HOME" || name == "USER" || name == "LOGNAME" || name == "SHELL") {
      add(State::good, file + " sets " + name + ", and the job gets it instead of its user's",
          "if this is not intended: remove " + name + " from " + file);
    }
  }

  // A script of the project has a relative path and comes with the project.
  void check_arguments() {
    for (std::size_t i = 1; i < timer_.exec.size(); ++i) {
      const std::string& word = timer_.exec[i];
      struct stat status = {};
      if (!word.starts_with('/') || word.find_first_of(" \t*?:") != std::string::npos ||
          is_elsewhere(word) || look(word, status)) {
        continue;
      }
      add(State::unknown, "its argument " + word + " does not exist on this host",
          "copy it there, or keep it in the project and write a relative path");
    }
  }

  const declare::Timer& timer_;
  const fs::path& host_;
  std::map<std::string, std::string> declared_;
  std::vector<Symptom> symptoms_;
};

}  // namespace

std::vector<Symptom> check_timer(const declare::Timer& timer,
                                 const environment::Environment* environment,
                                 const fs::path& host) {
  return TimerCheckup(timer, environment, host).run();
}

std::vector<Symptom> timer_symptoms(const declare::Timer& timer, const ObservedUnit& unit) {
  for (const UnitSource& source : unit.sources) {
    const bool drop_in = source.path.ends_with(".conf");
    if (drop_in || source.path.starts_with(our_units)) continue;
    // If an administrator has replaced our unit file, that is drift, and status reports it.
    if (source.text.starts_with(host::unit_origin)) continue;
    return {{"timer " + timer.name.text, State::bad,
             base::printable(unit.name + " is " + source.path + " already"),
             "give [timers." + timer.name.text + "] another name"}};
  }
  return {};
}

}  // namespace ccci::doctor
