// SPDX-License-Identifier: GPL-3.0-or-later
// Where what is found on a host differs from what its generation says. Each kind of comparison is
// a function of its own; what they look at is read once.
#pragma once

#include <string>
#include <vector>

#include "activate/observe.hpp"
#include "base/process.hpp"
#include "store/store.hpp"

namespace ccci::activate {

struct Drift {
  std::string what;  // "unit nightly.timer", "path /etc/profile.d/cc-ci.sh"
  std::string expected;
  std::string found;
  std::string remedy;  // what to type

  bool operator==(const Drift&) const = default;
};

using Drifts = std::vector<Drift>;

// A record that cannot be read, or a link `current` that leads nowhere.
Drifts lost_generation(const Generations& generations);
// A switch that did not end.
Drifts unfinished(const Observed& observed, const Generation& generation);
// Files of the generation, and the links that lead to them.
Drifts changed_files(const Generations& generations, const Generation& generation,
                     const Observed& observed);
// What systemd has read: other files than ours, overrides that take our command or PATH away,
// timers that are not active or not enabled.
Drifts changed_units(const Generations& generations, const Generation& generation,
                     const Observed& observed);
// Directories in which timers work and that are not there: each run would fail.
Drifts missing_directories(const Generations& generations, const Generation& generation);
// Processes of attached runners whose /usr is not that of an environment in `known` (hashes), also
// such as an ended unit left behind. `proc` and `cgroups`: other directories in tests.
Drifts stray_processes(const Generation& generation, const Observed& observed,
                       const std::vector<std::string>& known,
                       const std::filesystem::path& proc = "/proc",
                       const std::filesystem::path& cgroups = "/sys/fs/cgroup");
// Daemons that were started with another PATH than our drop-in gives: a file of variables or `env`
// in ExecStart= wins over it.
Drifts strange_paths(const Generations& generations, const Generation& generation,
                     const Observed& observed, const std::filesystem::path& proc = "/proc");
// Entrypoints, launcher and the system object; the environments' files are too many to read here.
Drifts damaged_objects(const store::Store& store, const Generation& generation);
// What is mounted over objects of the store, by the text of a mountinfo.
Drifts covered_objects(const std::filesystem::path& store, std::string_view mountinfo);
// What the witness puts up for a moment.
Drifts leftovers(const Layout& layout);
// Directories that come before ours on the PATH `path` and have a command that ours has too; where
// one of root's or the host's login files names the directory, that file.
Drifts shadowed(const Layout& layout, const std::vector<std::string>& commands,
                std::string_view path);
// The PATH of root's login shell; empty where none answers.
std::string login_path(base::ProcessRunner& processes);

// What the unit's text sets PATH to; empty where it sets none or it cannot be told.
std::string path_set_by(const std::string& text);
// The PATH among NAME=VALUE, the last one; empty where there is none.
std::string path_in(const std::vector<std::string>& variables);

// All of them. [activate.*], [store.*]
base::Result<Drifts> find_drift(const Generations& generations, const store::Store& store,
                                Systemd& systemd, base::ProcessRunner& processes,
                                const Generation& generation);

}  // namespace ccci::activate
