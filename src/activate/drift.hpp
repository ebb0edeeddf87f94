// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the differences between a host and its generation. There is one function for each kind of
// comparison. The state of the host is read only once.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "activate/observe.hpp"
#include "activate/runner_jobs.hpp"
#include "base/process.hpp"
#include "store/store.hpp"

namespace ccci::activate {

struct Drift {
  std::string what;  // "unit nightly.timer", "path /etc/profile.d/cc-ci.sh"
  std::string expected;
  std::string found;
  std::string remedy;  // the command to type
  bool lists = false;  // expected and found are lists of directories, separated by ':'

  bool operator==(const Drift&) const = default;
};

using Drifts = std::vector<Drift>;

// An unreadable record, or a broken link `current`.
Drifts lost_generation(const Generations& generations);
// A switch that did not finish.
Drifts unfinished(const Observed& observed, const Generation& generation);
// Changed files of the generation, and changed links to them.
Drifts changed_files(const Generations& generations, const Generation& generation,
                     const Observed& observed);
// Differences in what systemd has read: files that are not ours, overrides that replace our command
// or PATH, timers that are not active or not enabled.
Drifts changed_units(const Generations& generations, const Generation& generation,
                     const Observed& observed);
// Runs of timers' jobs that are not over although the schedule has asked for the next one. Until
// they end, no other run begins.
Drifts overdue_runs(const Generations& generations, const Generation& generation,
                    const Observed& observed, base::ProcessRunner& processes,
                    std::chrono::microseconds since_boot);
// Missing working directories of timers: each run would fail.
Drifts missing_directories(const Generations& generations, const Generation& generation);
// Processes of attached runners whose /usr does not belong to an environment in `known` (hashes).
// This includes processes that a stopped unit left behind. Tests pass other directories as `proc`
// and `cgroups`.
Drifts stray_processes(const Generation& generation, const Observed& observed,
                       const std::vector<std::string>& known,
                       const std::filesystem::path& proc = "/proc",
                       const std::filesystem::path& cgroups = "/sys/fs/cgroup");
// Daemons with another PATH or other variables than those in our drop-in. An environment file, or
// `env` in ExecStart=, overrides the drop-in.
Drifts strange_variables(const Generations& generations, const Generation& generation,
                         const Observed& observed, const std::filesystem::path& proc = "/proc");
// Mounts that jobs left in the namespaces of runners: every later job sees them, until the runner
// restarts. Nothing is said while a job is at work, because its mount may still be in use. Mounts
// of systemd's own settings and of the host are none of a job's.
Drifts left_mounts(const Layout& layout, const Generation& generation, const Observed& observed,
                   const ProcessView& view = {});
// Checks entrypoints, launcher and the system object. The files of the environments are too many to
// read here.
Drifts damaged_objects(const store::Store& store, const Generation& generation);
// Mounts over objects of the store, from the text of a mountinfo.
Drifts covered_objects(const std::filesystem::path& store, std::string_view mountinfo);
// Temporary files of the witness that were left behind.
Drifts leftovers(const Layout& layout);
// Directories that come before ours in the PATH `path` and have a command that ours has too. If a
// login file of root or of the host names such a directory, the finding names that file.
Drifts shadowed(const Layout& layout, const std::vector<std::string>& commands,
                std::string_view path);
// The PATH of root's login shell; empty if it gives no answer.
std::string login_path(base::ProcessRunner& processes);

// NAME=VALUE of Environment= in the unit's text, as far as the values can be determined.
std::vector<std::string> variables_set_by(const std::string& text);
// The PATH of them; empty if there is none.
std::string path_set_by(const std::string& text);
// The last PATH in a list of NAME=VALUE; empty if there is none.
std::string path_in(const std::vector<std::string>& variables);

// Calls all of the functions above. [activate.*], [store.*]
base::Result<Drifts> find_drift(const Generations& generations, const store::Store& store,
                                Systemd& systemd, base::ProcessRunner& processes,
                                const Generation& generation);

}  // namespace ccci::activate
