// SPDX-License-Identifier: GPL-3.0-or-later
// Drift of running processes: looks at the processes of runners.
#include <algorithm>
#include <set>

#include "activate/drift.hpp"
#include "activate/runner_jobs.hpp"
#include "base/text.hpp"
#include "host/unit_text.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_proc_file = 64U << 20U;

struct Process {
  int pid = 0;
  std::string comm;
  std::string environment;  // the environment whose /usr it sees
};

std::optional<Process> look_at(const fs::path& proc, int pid) {
  auto environment = environment_of_process(pid, proc);
  const auto comm = base::read_file(proc / std::to_string(pid) / "comm", 4096);
  if (!environment || !comm) return std::nullopt;
  return Process{pid, std::string(base::trim(*comm)), *std::move(environment)};
}

// The PATH with which a process was started. Returns nothing if it cannot be determined, because
// daemons write their title over it.
std::optional<std::string> started_with_path(const fs::path& proc, int pid) {
  const auto text = base::read_file(proc / std::to_string(pid) / "environ", largest_proc_file);
  if (!text) return std::nullopt;
  constexpr std::string_view name = "PATH=";
  for (const std::string_view variable : base::split(*text, '\0')) {
    if (variable.starts_with(name)) return std::string(variable.substr(name.size()));
  }
  return std::nullopt;
}

std::string called(const Process& process, const std::string& unit) {
  return "process " + std::to_string(process.pid) + " (" + process.comm + ") of " + unit;
}

}  // namespace

Drifts stray_processes(const Generation& generation, const Observed& observed,
                       const std::vector<std::string>& known, const fs::path& proc,
                       const fs::path& cgroups) {
  Drifts drifts;
  for (const auto& [name, expected] : generation.attached) {
    const UnitState* unit = observed.unit(name);
    if (unit == nullptr || unit->control_group.empty()) continue;
    const std::set<int> pids = processes_of(*unit, cgroups);
    const auto daemon = look_at(proc, unit->main_pid);
    const bool stray = daemon && daemon->environment != expected;
    for (const int pid : pids) {
      const auto process = look_at(proc, pid);
      if (!process || process->environment == expected) continue;
      const bool main = pid == unit->main_pid;
      // A job may enter the environment with the host's own extra tools, but the daemon may not.
      if (!main && std::find(known.begin(), known.end(), process->environment) != known.end()) {
        continue;
      }
      // If a restart of the daemon left this process alive once, the next restart leaves it alive
      // too.
      const bool restart = stray || (unit->runs() && unit->main_pid == 0);
      drifts.push_back({called(*process, name), home_of(expected), home_of(process->environment),
                        restart ? "systemctl restart " + name : "kill " + std::to_string(pid)});
    }
  }
  return drifts;
}

Drifts strange_paths(const Generations& generations, const Generation& generation,
                     const Observed& observed, const fs::path& proc) {
  Drifts drifts;
  for (const auto& [name, environment] : generation.attached) {
    const UnitState* unit = observed.unit(name);
    const auto text = generations.unit_text(generation, name + ".d/" + std::string(drop_in_name));
    if (unit == nullptr || !text || unit->main_pid <= 0) continue;
    const auto daemon = look_at(proc, unit->main_pid);
    // A daemon in another environment has another PATH. stray_processes reports it already.
    if (!daemon || daemon->environment != environment) continue;
    const std::string expected = path_set_by(*text);
    const auto found = started_with_path(proc, daemon->pid);
    if (expected.empty() || !found || *found == expected) continue;
    drifts.push_back({"PATH of " + called(*daemon, name), expected, *found, "cc-ci doctor", true});
  }
  return drifts;
}

}  // namespace ccci::activate
