// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/inside_probe.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "enter/entrypoint.hpp"
#include "prove/host_packages.hpp"
#include "prove/repository.hpp"
#include "wording/message.hpp"

extern char** environ;

namespace ccci::prove {

namespace {

namespace fs = std::filesystem;

// The commands of the host. In a login shell of a switched host, the caller's PATH begins with the
// environment's commands, so a probe that is to run outside would run inside.
constexpr const char* host_path = "/usr/sbin:/usr/bin:/sbin:/bin";

// A constant script; its input comes from inside. realpath prints one line for each name, also for
// a broken link.
constexpr const char* look_up = R"(
printf '%s\0' "$CC_CI_ENVIRONMENT"
cat /usr/lib/cc-ci/environment || exit 9
IFS=:
set -f
for directory in $PATH; do
  set +f
  set -- "$directory"/*
  [ -e "$1" ] || [ -L "$1" ] || continue
  printf '\0%s' "$#" "$@"
  printf '\0'
  realpath -z -m -- "$@" | tr '\0' '\n'
done
)";

// Its input are paths, each with a zero byte at its end. It prints what the path is, and what it
// leads to: the environment's link to a file of the host shows that file.
constexpr const char* identify = R"(
xargs -0 -r sh -c 'stat -c "%d:%i %n" -- "$@"; stat -L -c "%d:%i %n" -- "$@"' sh 2>/dev/null
exit 0
)";

// Programs that a Debian host may have. They print their version and do nothing else.
constexpr std::array harmless{"apt-get", "systemctl", "journalctl", "man",   "less", "nano",
                              "vim",     "ssh-agent", "gcc",        "make",  "perl", "rsync",
                              "file",    "tree",      "htop",       "strace"};

// A temporary directory with files for the probes. The destructor removes it.
class Workshop {
 public:
  Workshop() {
    std::string name = (fs::temp_directory_path() / "cc-ci-prove-XXXXXX").native();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Workshop() {
    if (!path_.empty()) static_cast<void>(base::remove_tree(fs::path(path_)));
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

using Words = std::vector<std::string>;

// The launcher's message in one line, for a cell of a table: without its name, and with its lines
// joined.
std::string refusal(std::string_view text) {
  constexpr std::string_view prefix = "cc-ci-enter: error: ";
  text = base::trim(text);
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  std::string line;
  for (const std::string_view part : base::split(text, '\n')) {
    if (!line.empty()) line += "; ";
    line += base::printable(part);
  }
  return line;
}

class Prober {
 public:
  explicit Prober(const host::Build& build) : build_(build) {}

  Inside look(const Words& own) {
    commands();
    if (!inside_.unavailable.empty()) return std::move(inside_);
    for (const std::string& tool : undeclared()) by_name(tool);
    if (workshop_.path().empty()) {
      inside_.unavailable = "no directory for temporary files can be made";
      return std::move(inside_);
    }
    inherited_path();
    preload();
    if (const auto files = host_package_files(own); files) {
      host_files(*files);
    } else {
      inside_.unavailable = wording::one_line(files.error());
    }
    return std::move(inside_);
  }

 private:
  static base::Result<base::Outcome> run(Words words, Words variables, std::string input = {}) {
    base::Command command;
    command.argv = std::move(words);
    command.input = std::move(input);
    command.time_limit = std::chrono::seconds(30);
    command.output_limit = 4U << 20U;
    if (!sets(variables, "PATH=")) variables.push_back(std::string("PATH=") + host_path);
    command.environment.emplace();
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string_view text = *variable;
      if (!sets(variables, text.substr(0, text.find('=') + 1))) {
        command.environment->emplace_back(text);
      }
    }
    command.environment->insert(command.environment->end(), variables.begin(), variables.end());
    return base::real_processes().run(command);
  }

  static bool sets(const Words& variables, std::string_view name) {
    return std::any_of(variables.begin(), variables.end(),
                       [&](const std::string& one) { return one.starts_with(name); });
  }

  Words within(const Words& words) const {
    Words all{build_.launcher, build_.inside.path};
    all.insert(all.end(), words.begin(), words.end());
    return all;
  }

  // Whether the path is a file below the environment's root, and no link leads out of it.
  bool in_root(const std::string& path) const {
    const auto root = base::open_path(build_.environment.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!root) return false;
    const auto file = base::open_in_root(root->get(), path.substr(1), O_PATH | O_CLOEXEC);
    struct stat status = {};
    return file && fstat(file->get(), &status) == 0 && S_ISREG(status.st_mode);
  }

  bool is_exposed(const std::string& directory, const std::string& name) const {
    const auto& exposed = build_.environment.exposed;
    return std::any_of(exposed.begin(), exposed.end(), [&](const environment::Exposed& one) {
      return one.directory == directory &&
             std::any_of(one.commands.begin(), one.commands.end(),
                         [&](const environment::Command& command) { return command.name == name; });
    });
  }

  void commands();
  Words undeclared() const;
  void by_name(const std::string& path);
  void inherited_path();
  std::string undeclared_library() const;
  void preload();
  void host_files(const std::vector<HostFile>& files);
  void attempt(ProbeKind kind, const std::string& tool, const Words& words, const Words& variables,
               const std::string& proof = {});

  const host::Build& build_;
  Workshop workshop_;
  Inside inside_;
};

void Prober::commands() {
  const auto outcome = run(within({"sh", "-c", look_up}), {});
  if (!outcome || outcome->status != 0 || outcome->timed_out || outcome->truncated) {
    inside_.unavailable =
        "the environment could not be entered: " +
        (outcome ? outcome->timed_out ? "no answer within 30 s" : refusal(outcome->err)
                 : wording::one_line(outcome.error()));
    return;
  }
  const auto fields = base::split(outcome->out, '\0');
  const std::string marked(base::trim(fields.size() > 1 ? fields[1] : ""));
  // The variable and the file must be equal, because a job may use either.
  inside_.environment = marked == fields[0] ? marked : "";
  for (std::size_t at = 2; at < fields.size();) {
    const std::size_t count = std::strtoul(std::string(fields[at]).c_str(), nullptr, 10);
    if (count == 0 || at + count + 1 >= fields.size()) break;
    const auto targets = base::split(fields[at + count + 1], '\n');
    for (std::size_t i = 0; i < count; ++i) {
      const fs::path command(fields[at + 1 + i]);
      Resolved resolved;
      resolved.name = command.filename().native();
      resolved.directory = command.parent_path().native();
      if (i < targets.size()) resolved.target = std::string(targets[i]);
      resolved.within = resolved.target.starts_with("/usr/") && in_root(resolved.target);
      resolved.unplanned = !is_exposed(resolved.directory, resolved.name);
      inside_.commands.push_back(std::move(resolved));
    }
    at += count + 2;
  }
}

// Paths of host programs that the environment lacks. One that works outside is enough.
Words Prober::undeclared() const {
  std::set<std::string> exposed;
  for (const Resolved& command : inside_.commands) exposed.insert(command.name);
  for (const char* name : harmless) {
    const std::string path = "/usr/bin/" + std::string(name);
    if (exposed.contains(name) || in_root(path) || access(path.c_str(), X_OK) != 0) continue;
    const auto outside = run({path, "--version"}, {});
    if (outside && outside->status == 0) return {path};
  }
  return {};
}

// `proof` is the text in the output if the attempt succeeded. If it is empty, every success counts.
void Prober::attempt(ProbeKind kind, const std::string& tool, const Words& words,
                     const Words& variables, const std::string& proof) {
  Probe probe;
  probe.kind = kind;
  probe.tool = tool;
  const auto outside = run(words, variables);
  probe.works_outside =
      outside && outside->status == 0 && outside->out.find(proof) != std::string::npos;
  const auto inside = run(within(words), variables);
  if (!inside) {
    probe.unavailable = wording::one_line(inside.error());
  } else if (proof.empty()) {
    // Any other status is that of the tool, so it ran. 125 is the launcher's status: it ran
    // nothing.
    probe.refused = inside->status == 126 || inside->status == 127;
    if (inside->status == 125) probe.unavailable = refusal(inside->err);
    probe.saw = "status " + std::to_string(inside->status);
  } else {
    if (inside->status != 0) probe.unavailable = "status " + std::to_string(inside->status);
    probe.refused = inside->out.find(proof) == std::string::npos;
    probe.saw = probe.refused ? "not loaded" : "loaded";
  }
  inside_.probes.push_back(std::move(probe));
}

void Prober::by_name(const std::string& path) {
  const std::string name = fs::path(path).filename().native();
  attempt(ProbeKind::by_name, name, {name, "--version"}, {});
  attempt(ProbeKind::by_path, path, {path, "--version"}, {});
  attempt(ProbeKind::cleared_environment, name, {"env", "-i", name, "--version"}, {});
}

// Tries a program that is in no PATH inside, but can be reached by its path, because the host's
// /tmp is visible.
void Prober::inherited_path() {
  const std::string name = "cc-ci-undeclared";
  const std::string program = workshop_.path() + "/" + name;
  if (!base::replace_file(program, "#!/bin/sh\nexit 0\n", 0755)) return;
  // env searches it in the PATH that env got.
  attempt(ProbeKind::inherited_path, program, {"env", name},
          {"PATH=" + workshop_.path() + ":" + host_path});
}

// The smallest library that this program uses and the environment lacks.
std::string Prober::undeclared_library() const {
  const auto maps = base::read_file("/proc/self/maps", 16U << 20U);
  std::map<std::uintmax_t, std::string> libraries;
  if (!maps) return {};
  for (const std::string_view line : base::split(*maps, '\n')) {
    const std::size_t slash = line.find('/');
    if (slash == std::string_view::npos) continue;
    const std::string library(line.substr(slash));
    if (library.find(".so") == std::string::npos || !library.starts_with("/usr/lib/")) continue;
    std::error_code error;
    const std::uintmax_t size = fs::file_size(library, error);
    if (!error && !in_root(library)) libraries.emplace(size, library);
  }
  return libraries.empty() ? std::string() : libraries.begin()->second;
}

// Uses a copy in a directory that is visible inside.
void Prober::preload() {
  const std::string library = undeclared_library();
  if (library.empty()) return;
  const std::string copy = workshop_.path() + "/" + fs::path(library).filename().native();
  std::error_code error;
  if (!fs::copy_file(library, copy, error)) return;
  // The library counts as loaded if it is in the maps, or still in LD_PRELOAD: then the next
  // program that can load it would.
  attempt(ProbeKind::preload, copy, {"sh", "-c", "echo \"$LD_PRELOAD\"; cat /proc/self/maps"},
          {"LD_PRELOAD=" + copy}, copy);
}

// A path inside leads to the host's file if it is the same file: another one may have its name.
void Prober::host_files(const std::vector<HostFile>& files) {
  if (files.empty()) return;
  std::string input("/\0", 2);  // there is always an answer about this one
  for (const HostFile& file : files) input.append(file.path).push_back('\0');
  const auto outcome = run(within({"sh", "-c", identify}), {}, std::move(input));
  std::multimap<std::string, std::string, std::less<>> seen;
  if (outcome && !outcome->timed_out && !outcome->truncated) {
    for (const std::string_view line : base::split(outcome->out, '\n')) {
      const std::size_t blank = line.find(' ');
      if (blank != std::string_view::npos)
        seen.emplace(line.substr(blank + 1), line.substr(0, blank));
    }
  }
  if (!seen.contains("/")) {
    inside_.unavailable = "xargs and stat gave no answer about files of the host's packages";
    return;
  }
  inside_.host_files_looked_for = files.size();
  for (const HostFile& file : files) {
    const auto [first, last] = seen.equal_range(file.path);
    const bool same =
        std::any_of(first, last, [&](const auto& one) { return one.second == file.identity; });
    if (same) inside_.host_files.push_back({file.path, file.package, file.declared});
  }
}

}  // namespace

Inside look_inside(const host::Build& build, const std::vector<std::string>& host_files) {
  return Prober(build).look(host_files);
}

}  // namespace ccci::prove
