// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/checkup.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "host/entrypoint_object.hpp"
#include "store/store.hpp"
#include "wording/message.hpp"

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
    const bool blind = launcher.error().code == "host.no-proc";
    symptom.found = blind ? "/proc is not mounted" : "cc-ci-enter is not installed next to cc-ci";
    symptom.remedy = blind ? "mount -t proc proc /proc" : "install the whole of cc-ci again";
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

bool is_noexec(int directory) {
  struct statvfs status {};
  return fstatvfs(directory, &status) == 0 && (status.f_flag & ST_NOEXEC) != 0;
}

void refuse_noexec(Symptom& symptom) {
  symptom.state = State::bad;
  symptom.found += ", mounted noexec: nothing there can be executed";
  symptom.remedy = "cc-ci --state DIR on another file system, or mount it with exec";
}

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
  if (is_noexec(directory->get())) {
    refuse_noexec(symptom);
  } else if (free && *free < comfortable) {
    symptom.state = State::bad;
    symptom.remedy = "cc-ci --state DIR doctor, with a directory on a larger disk";
  }
  return symptom;
}

}  // namespace

namespace {

// Neither names of files nor their inodes can be shared there.
bool has_hard_links(int directory) {
  constexpr std::array<long, 3> without{0x4d44, 0x2011BAB0, 0x7366746e};  // vfat, exfat, ntfs3
  struct statfs status {};
  return fstatfs(directory, &status) != 0 ||
         std::find(without.begin(), without.end(), static_cast<long>(status.f_type)) ==
             without.end();
}

// A mount point in mountinfo has spaces and the like as \040.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 4, value, 8).ec == std::errc()) {
      plain += static_cast<char>(value);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// The first mount below the state directory. cc-ci mounts nothing there, and refuses to remove it.
std::string mount_below(const fs::path& state) {
  constexpr std::size_t point_field = 4;
  const auto mountinfo = base::read_file("/proc/self/mountinfo", 16U << 20U);
  if (!mountinfo) return {};
  std::error_code error;
  const std::string prefix = fs::weakly_canonical(state, error).native() + "/";
  for (const std::string_view line : base::split(*mountinfo, '\n')) {
    const std::vector<std::string_view> fields = base::split(line, ' ');
    if (fields.size() <= point_field) continue;
    std::string point = unescaped(fields[point_field]);
    if (point.starts_with(prefix)) return point;
  }
  return {};
}

}  // namespace

// Changes nothing, so it asks whether it may write and does not try.
Symptom check_state_directory(const fs::path& state) {
  Symptom symptom{"state directory", State::bad, "", ""};
  std::error_code error;
  if (!fs::exists(state / "staging", error) && !error) {
    return check_missing_state(state);
  }
  if (const auto store = store::Store::look(state); !store) {
    symptom.found = wording::message_of(store.error());
    symptom.remedy = wording::hint_of(store.error()).value_or("");
    return symptom;
  }
  const auto directory = base::open_path(state / "staging", O_RDONLY | O_DIRECTORY);
  const bool writable = directory && faccessat(directory->get(), ".", W_OK | X_OK, AT_EACCESS) == 0;
  if (!writable) {
    const std::string cause =
        directory ? base::describe_errno(errno) : std::string(directory.error().field("cause"));
    symptom.found = state.native() + ": " + cause;
    symptom.remedy = "cc-ci --state DIR doctor, with a directory of yours";
    return symptom;
  }
  const int at = directory->get();
  const auto free = base::free_bytes(at);
  symptom.found = state.native() + ": " + (free ? base::human_bytes(*free) : "unknown") +
                  " free, " +
                  (has_hard_links(at) ? "hard links" : "no hard links: files are copied");
  symptom.state = State::good;
  if (const std::string mount = mount_below(state); !mount.empty()) {
    symptom.state = State::bad;
    symptom.found = mount + " is a mount below the state directory";
    symptom.remedy = "umount '" + mount + "'";
  } else if (is_noexec(at)) {
    refuse_noexec(symptom);
  } else if (free && *free < comfortable) {
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
