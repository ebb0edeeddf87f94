// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/cold.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/files.hpp"
#include "gate/judge.hpp"

namespace ccci::gate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_phase = 1U << 20U;

// A directory of our own with all that one verification needs; gone when it ends.
class Room {
 public:
  static base::Result<Room> make(const Cold& cold) {
    std::string path = (cold.scratch / "cc-ci-gate-XXXXXX").native();
    if (mkdtemp(path.data()) == nullptr) {
      return base::unexpected(base::fail("base.mkdir").with("path", path).with_errno(errno));
    }
    Room room(path, cold.keep_clone);
    for (const char* name : {"home", "state", "tmp"}) {
      if (mkdir((room.path_ / name).c_str(), 0700) != 0) {
        return base::unexpected(base::fail("base.mkdir").with("path", path).with_errno(errno));
      }
    }
    return room;
  }
  ~Room() {
    if (path_.empty() || keep_) return;
    const auto parent = base::open_path(path_.parent_path(), O_RDONLY | O_DIRECTORY);
    if (parent) (void)base::remove_tree(parent->get(), path_.filename().native());
  }
  Room(Room&& other) noexcept : path_(std::move(other.path_)), keep_(other.keep_) {
    other.path_.clear();
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  Room& operator=(Room&&) = delete;

  fs::path clone() const { return path_ / "clone"; }
  fs::path below(const char* name) const { return path_ / name; }

 private:
  Room(fs::path path, bool keep) : path_(std::move(path)), keep_(keep) {}

  fs::path path_;
  bool keep_;
};

std::vector<std::string> clean_variables(const Room& room, const Cold& cold) {
  std::vector<std::string> variables{"PATH=" + cold.path,
                                     "HOME=" + room.below("home").native(),
                                     "TMPDIR=" + room.below("tmp").native(),
                                     "CC_CI_STATE=" + room.below("state").native(),
                                     "LANG=C.UTF-8",
                                     "TZ=UTC",
                                     "TERM=dumb",
                                     "NO_COLOR=1",
                                     "GIT_CONFIG_NOSYSTEM=1",
                                     "GIT_TERMINAL_PROMPT=0"};
  for (const std::string& name : cold.passed) {
    const char* value = std::getenv(name.c_str());
    if (value != nullptr) variables.push_back(name + "=" + value);
  }
  return variables;
}

base::Error clone_error(const base::Error& error, const Claimed& claimed) {
  return base::fail("gate.clone")
      .with("commit", claimed.commit.id.substr(0, 12))
      .with("cause", error.field("cause"));
}

bool local(const std::string& url) {
  return url.starts_with("file://") ||
         (url.find("://") == std::string::npos && url.find(':') == std::string::npos);
}

base::Result<void> clone(const Claimed& claimed, const Cold& cold, const Room& room,
                         base::ProcessRunner& processes) {
  // Submodules of a local remote are local as well, which git refuses unless told otherwise.
  std::vector<std::string> first;
  if (local(cold.url)) first = {"-c", "protocol.file.allow=always"};
  const auto step = [&](const fs::path& directory, std::vector<std::string> words) {
    std::vector<std::string> all = first;
    all.insert(all.end(), words.begin(), words.end());
    base::Command command = git(directory, std::move(all));
    command.time_limit = std::chrono::hours(1);
    return succeed(processes, command);
  };
  const fs::path target = room.clone();
  // A checkout of the branch's tip first would run its filters for nothing.
  auto done = step(cold.base, {"clone", "--quiet", "--no-hardlinks", "--no-checkout", "--",
                               cold.url, target.native()});
  if (done) done = step(target, {"checkout", "--quiet", "--detach", claimed.commit.id, "--"});
  if (done) done = step(target, {"submodule", "--quiet", "update", "--init", "--recursive"});
  if (!done) return base::unexpected(clone_error(done.error(), claimed));
  return {};
}

// Which text of the claim is not the one at the claimed commit; empty where all agree.
std::string compare_texts(const Claimed& claimed, const Room& room,
                          const base::Result<Phase>& phase, const Gate*& gate) {
  (void)room;
  const std::string file = "gates/" + claimed.phase + ".toml";
  if (!phase) return file + " at the claimed commit cannot be read";
  gate = phase->find(claimed.gate);
  if (gate == nullptr) return file + " at the claimed commit has no gate " + claimed.gate;
  const base::Json found = digests(*gate);
  for (const auto& [name, digest] : found.items()) {
    if (!claimed.digests.contains(name) || claimed.digests[name] != digest) {
      return "the claim's " + name + " is not what " + file + " says at the claimed commit";
    }
  }
  return {};
}

base::Result<Phase> phase_in(const Room& room, const std::string& name) {
  CCCI_TRY(const base::Fd root, base::open_path(room.clone(), O_RDONLY | O_DIRECTORY));
  const std::string file = "gates/" + name + ".toml";
  CCCI_TRY(const base::Fd fd, base::open_in_root(root.get(), file, O_RDONLY | O_NONBLOCK));
  CCCI_TRY(const std::string text, base::read_fd(fd.get(), largest_phase, file));
  return read_phase(text, name, file);
}

Job job_for(const How& how, const Check& check, const Room& room,
            const std::vector<std::string>& variables) {
  Job job;
  job.argv = how.argv;
  if (job.argv.empty()) job.argv = {"/bin/sh", "-eu", "-c", how.script, "sh"};
  job.environment = variables;
  job.directory = room.clone().native();
  job.time_limit = check.time_limit;
  return job;
}

base::Result<CheckResult> run_check(const Check& check, const Room& room,
                                    const std::vector<std::string>& variables) {
  CheckResult result;
  result.name = check.name;
  CCCI_TRY(result.seen, observe(job_for(check.how, check, room, variables)));
  if (check.expect.same_as && result.seen.cause.empty() && !result.seen.timed_out) {
    CCCI_TRY(Observation other, observe(job_for(*check.expect.same_as, check, room, variables)));
    result.other.push_back(std::move(other));
  }
  result.reasons =
      judge(check.expect, result.seen, result.other.empty() ? nullptr : &result.other.front());
  return result;
}

}  // namespace

bool Verification::passed() const {
  return refusal.empty() && !checks.empty() &&
         std::all_of(checks.begin(), checks.end(),
                     [](const CheckResult& check) { return check.held(); });
}

base::Result<Verification> verify_cold(const Claimed& claimed, const Cold& cold,
                                       base::ProcessRunner& processes, base::Progress& progress) {
  CCCI_TRY(const Room room, Room::make(cold));
  progress.begin("cloning afresh", 0, base::Progress::Unit::things);
  const auto cloned = clone(claimed, cold, room, processes);
  progress.end();
  if (!cloned) return base::unexpected(cloned.error());
  Verification verification;
  CCCI_TRY(const Repository fresh, Repository::open(room.clone(), processes));
  CCCI_TRY(const Commit commit, fresh.head());
  if (commit != claimed.commit) {
    verification.refusal = "the claimed commit has another tree than the claim says";
    return verification;
  }
  const base::Result<Phase> phase = phase_in(room, claimed.phase);
  const Gate* gate = nullptr;
  verification.refusal = compare_texts(claimed, room, phase, gate);
  if (!verification.refusal.empty()) return verification;
  for (const std::string& path : gate->where) {
    CCCI_TRY(const bool there, fresh.has_path(commit.id, path));
    if (!there) verification.refusal = "WHERE names " + path + ", which the commit does not have";
  }
  if (!verification.refusal.empty()) return verification;
  const std::vector<std::string> variables = clean_variables(room, cold);
  progress.begin("checking from cold", gate->checks.size(), base::Progress::Unit::things);
  for (const Check& check : gate->checks) {
    CCCI_TRY(CheckResult result, run_check(check, room, variables));
    progress.advance(1, check.name + (result.held() ? " holds" : " does not hold"));
    verification.checks.push_back(std::move(result));
  }
  progress.end();
  return verification;
}

}  // namespace ccci::gate
