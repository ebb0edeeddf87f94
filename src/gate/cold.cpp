// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/cold.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>

#include "base/files.hpp"
#include "gate/judge.hpp"
#include "gate/rules.hpp"

namespace ccci::gate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_phase = 1U << 20U;

std::vector<std::string> clean_variables(const Place& place, const Cold& cold) {
  std::vector<std::string> variables = place.variables();
  for (const char* variable : {"LANG=C.UTF-8", "TZ=UTC", "TERM=dumb", "NO_COLOR=1",
                               "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0"}) {
    variables.emplace_back(variable);
  }
  variables.push_back("PATH=" + cold.path);
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

base::Result<void> clone(const Claimed& claimed, const Cold& cold, const Place& place,
                         base::ProcessRunner& processes) {
  // The submodules of a local remote are local too. Without this option git refuses them.
  std::vector<std::string> first;
  if (local(cold.url)) first = {"-c", "protocol.file.allow=always"};
  // A server that sends less than 70 bytes a second for a minute is given up.
  for (const char* setting : {"http.lowSpeedLimit=70", "http.lowSpeedTime=60"}) {
    first.insert(first.end(), {"-c", setting});
  }
  const auto step = [&](const fs::path& directory, std::vector<std::string> words) {
    std::vector<std::string> all = first;
    all.insert(all.end(), words.begin(), words.end());
    base::Command command = git::command(directory, std::move(all));
    command.time_limit = std::chrono::hours(1);
    return git::output(processes, command);
  };
  const fs::path target = place.clone();
  // Checking out the branch's tip first would run its filters for nothing.
  auto done = step(cold.base, {"clone", "--quiet", "--no-hardlinks", "--no-checkout", "--",
                               cold.url, target.native()});
  if (done) done = step(target, {"checkout", "--quiet", "--detach", claimed.commit.id, "--"});
  if (done) done = step(target, {"submodule", "--quiet", "update", "--init", "--recursive"});
  if (!done) return base::unexpected(clone_error(done.error(), claimed));
  return {};
}

// Which text of the claim differs from the one at the claimed commit. Empty if all are equal.
std::string compare_texts(const Claimed& claimed, const base::Result<Phase>& phase,
                          const Gate*& gate) {
  const std::string file = "gates/" + claimed.phase + ".toml";
  if (!phase) return file + " cannot be read at the claimed commit";
  gate = phase->find(claimed.gate);
  if (gate == nullptr) return file + " at the claimed commit has no gate " + claimed.gate;
  const base::Json found = digests(*gate);
  for (const auto& [name, digest] : found.items()) {
    if (!claimed.digests.contains(name) || claimed.digests[name] != digest) {
      return "the claim's " + name + " differs from " + file + " at the claimed commit";
    }
  }
  return {};
}

base::Result<Phase> phase_in(const Place& place, const std::string& name) {
  CCCI_TRY(const base::Fd root, base::open_path(place.clone(), O_RDONLY | O_DIRECTORY));
  const std::string file = "gates/" + name + ".toml";
  CCCI_TRY(const std::string text, base::read_within(root.get(), file, largest_phase));
  return read_phase(text, name, file);
}

// How the rules and keys that the claim signed differ from those at the claimed commit.
std::string compare_rules(const Claimed& claimed, const Phase& phase, const Place& place) {
  constexpr const char* file = "gates/keys.toml";
  const auto root = base::open_path(place.clone(), O_RDONLY | O_DIRECTORY);
  const auto text =
      root ? base::read_within(root->get(), file, largest_phase) : base::unexpected(root.error());
  const auto trust = text ? read_trust(*text, file) : base::unexpected(text.error());
  if (!trust) return std::string(file) + " cannot be read at the claimed commit";
  if (claimed.rules == rules(phase, claimed.gate, *trust)) return {};
  return "the claim's rules or keys differ from gates/ at the claimed commit";
}

Job job_for(const How& how, const Check& check, const Place& place,
            const std::vector<std::string>& variables) {
  Job job;
  job.argv = how.argv;
  if (job.argv.empty()) job.argv = {"/bin/sh", "-eu", "-c", how.script, "sh"};
  job.environment = variables;
  job.directory = place.clone().native();
  job.time_limit = check.time_limit;
  job.mounts = place.mounts();
  return job;
}

base::Result<CheckResult> run_check(const Check& check, const Place& place,
                                    const std::vector<std::string>& variables) {
  CheckResult result;
  result.name = check.name;
  CCCI_TRY(result.seen, observe(job_for(check.how, check, place, variables)));
  if (check.expect.same_as && result.seen.cause.empty() && !result.seen.timed_out) {
    CCCI_TRY(Observation other, observe(job_for(*check.expect.same_as, check, place, variables)));
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
  CCCI_TRY(Place place, Place::make(cold.place, progress));
  progress.begin("making a fresh clone", 0, base::Progress::Unit::things);
  const auto cloned = clone(claimed, cold, place, processes);
  progress.end();
  if (!cloned) return base::unexpected(cloned.error());
  Verification verification;
  CCCI_TRY(const git::Repository fresh, git::Repository::open(place.clone(), processes));
  CCCI_TRY(const git::Commit commit, fresh.head());
  if (commit != claimed.commit) {
    verification.refusal = "the tree of the claimed commit differs from the claim";
    return verification;
  }
  const base::Result<Phase> phase = phase_in(place, claimed.phase);
  const Gate* gate = nullptr;
  verification.refusal = compare_texts(claimed, phase, gate);
  if (verification.refusal.empty()) verification.refusal = compare_rules(claimed, *phase, place);
  if (!verification.refusal.empty()) return verification;
  for (const std::string& path : gate->where) {
    CCCI_TRY(const bool there, fresh.has_path(commit.id, path));
    if (!there)
      verification.refusal = "'where' names " + path + ", which the commit does not contain";
  }
  if (!verification.refusal.empty()) return verification;
  place.settle(gate->live);
  verification.state = place.state();
  const std::vector<std::string> variables = clean_variables(place, cold);
  progress.begin("running the checks", gate->checks.size(), base::Progress::Unit::things);
  for (const Check& check : gate->checks) {
    CCCI_TRY(CheckResult result, run_check(check, place, variables));
    progress.advance(1, check.name + (result.held() ? " holds" : " does not hold"));
    verification.checks.push_back(std::move(result));
  }
  progress.end();
  return verification;
}

}  // namespace ccci::gate
