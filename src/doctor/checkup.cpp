// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/checkup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "host/entrypoint_object.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

using State = Symptom::State;

// Bytes: the unpacked reference case with its archives, twice, because the next generation needs
// the same space.
constexpr std::uint64_t comfortable = 2'000'000'000;
// Bytes. Linux before 5.1 truncates `#!` lines at 127 bytes. They contain the state directory and
// a fixed longer rest.
constexpr std::size_t longest_state = 40;

}  // namespace

Symptom check_entry(base::ProcessRunner& processes, const std::string& entrypoint) {
  Symptom symptom{entrypoint.empty() ? "namespaces" : "entry", State::unknown, "", ""};
  const auto launcher = host::find_launcher();
  if (!launcher) {
    symptom.state = State::bad;
    symptom.found = "cc-ci-enter is not installed next to cc-ci";
    symptom.remedy = "install the whole of cc-ci again";
    return symptom;
  }
  base::Command command;
  command.argv = {launcher->native()};
  if (entrypoint.empty()) {
    command.argv.emplace_back("--probe-host");
  } else {
    command.argv.insert(command.argv.end(), {"--probe", entrypoint});
  }
  command.time_limit = std::chrono::seconds(20);
  const auto outcome = processes.run(command);
  const base::Json json =
      outcome ? base::Json::parse(outcome->out).value_or(base::Json()) : base::Json();
  if (!json.is_object()) {
    symptom.found = "cc-ci-enter gave no answer";
    return symptom;
  }
  if (json["works"] == true) {
    symptom.state = State::good;
    const std::string how = json["how"].text_or_empty();
    symptom.found =
        how.empty() ? "environments can be entered" : "environments can be entered: " + how;
    return symptom;
  }
  symptom.state = State::bad;
  symptom.found = json["message"].text_or_empty();
  if (const std::string note = json["note"].text_or_empty(); !note.empty())
    symptom.found += "; " + note;
  symptom.remedy = json["hint"].text_or_empty();
  return symptom;
}

namespace {

// A state directory that is not there yet: could it be made? Makes nothing.
Symptom check_missing_state(const fs::path& state) {
  Symptom symptom{"state directory", State::bad, "", ""};
  std::error_code error;
  fs::path parent = fs::absolute(state, error).lexically_normal().parent_path();
  while (parent != parent.parent_path() && !fs::exists(parent, error))
    parent = parent.parent_path();
  const auto directory = base::open_path(parent, O_RDONLY | O_DIRECTORY);
  const bool writable = directory && faccessat(directory->get(), ".", W_OK | X_OK, AT_EACCESS) == 0;
  if (!writable) {
    const std::string cause =
        directory ? base::describe_errno(errno) : std::string(directory.error().field("cause"));
    symptom.found = state.native() + ": does not exist, and cannot be made in " + parent.native() +
                    ": " + cause;
    symptom.remedy = "cc-ci --state DIR doctor, with a directory of yours";
    return symptom;
  }
  const auto free = base::free_bytes(directory->get());
  symptom.state = State::good;
  symptom.found = state.native() + ": does not exist yet, " +
                  (free ? base::human_bytes(*free) : "unknown") + " free";
  if (free && *free < comfortable) {
    symptom.state = State::bad;
    symptom.remedy = "cc-ci --state DIR doctor, with a directory on a larger disk";
  }
  return symptom;
}

}  // namespace

Symptom check_state_directory(const fs::path& state) {
  Symptom symptom{"state directory", State::bad, "", ""};
  std::error_code error;
  if (!fs::exists(state / "staging", error) && !error) {
    return check_missing_state(state);
  }
  const auto directory = base::open_path(state / "staging", O_RDONLY | O_DIRECTORY);
  if (!directory) {
    symptom.found = state.native() + ": " + std::string(directory.error().field("cause"));
    return symptom;
  }
  const int at = directory->get();
  const std::string name = ".doctor." + std::to_string(getpid());
  const base::Fd file(openat(at, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const int opened = errno;
  const bool linked = file && linkat(at, name.c_str(), at, (name + ".link").c_str(), 0) == 0;
  unlinkat(at, name.c_str(), 0);
  unlinkat(at, (name + ".link").c_str(), 0);
  if (!file) {
    symptom.found = state.native() + ": " + base::describe_errno(opened);
    symptom.remedy = "cc-ci --state DIR doctor, with a directory of yours";
    return symptom;
  }
  const auto free = base::free_bytes(at);
  symptom.found = state.native() + ": " + (free ? base::human_bytes(*free) : "unknown") +
                  " free, " + (linked ? "hard links" : "no hard links: files are copied");
  symptom.state = State::good;
  if (free && *free < comfortable) {
    symptom.state = State::bad;
    symptom.remedy = "cc-ci gc";
  } else if (state.native().size() > longest_state) {
    symptom.found += "; the path is long: kernels before 5.1 cannot run its entrypoints";
  }
  return symptom;
}

Symptom check_apt() {
  Symptom symptom{"apt", State::bad, "", ""};
  if (access("/usr/lib/apt/methods/http", X_OK) != 0) {
    symptom.found = "/usr/lib/apt/methods/http: " + base::describe_errno(errno);
    symptom.remedy = "run cc-ci lock and cc-ci build on a host that has apt";
    return symptom;
  }
  std::size_t keyrings = 0;
  for (const char* place : {"/etc/apt/trusted.gpg.d", "/usr/share/keyrings"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(place, error)) {
      const std::string kind = entry.path().extension().native();
      if (kind == ".gpg" || kind == ".asc" || kind == ".pgp") ++keyrings;
    }
  }
  symptom.found = "download methods, " + base::counted(keyrings, "keyring");
  symptom.state = keyrings > 0 ? State::good : State::bad;
  if (keyrings == 0) symptom.remedy = "apt-get install debian-archive-keyring";
  return symptom;
}

}  // namespace ccci::doctor
