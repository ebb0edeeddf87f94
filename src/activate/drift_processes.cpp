// SPDX-License-Identifier: GPL-3.0-or-later
// Drift of running processes: looks at the processes of runners.
#include <algorithm>
#include <map>
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

// The variables with which a process was started. Returns none if they cannot be determined,
// because daemons write their title over them: then PATH is not among them.
std::map<std::string, std::string> started_with(const fs::path& proc, int pid) {
  std::map<std::string, std::string> variables;
  const auto text = base::read_file(proc / std::to_string(pid) / "environ", largest_proc_file);
  if (!text) return variables;
  for (const std::string_view variable : base::split(*text, '\0')) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    // glibc takes the first of two.
    variables.emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  if (!variables.contains("PATH")) variables.clear();
  return variables;
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
    const auto listed = processes_of(*unit, cgroups);
    if (!listed) {
      drifts.push_back({"processes of " + name, home_of(expected),
                        "they cannot be listed: " + base::describe_errno(listed.error().number),
                        "cc-ci status"});
      continue;
    }
    const std::set<int>& pids = *listed;
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

Drifts strange_variables(const Generations& generations, const Generation& generation,
                         const Observed& observed, const fs::path& proc) {
  Drifts drifts;
  for (const auto& [name, environment] : generation.attached) {
    const UnitState* unit = observed.unit(name);
    const auto text = generations.unit_text(generation, name + ".d/" + std::string(drop_in_name));
    if (unit == nullptr || !text || unit->main_pid <= 0) continue;
    const auto daemon = look_at(proc, unit->main_pid);
    // A daemon in another environment has other variables. stray_processes reports it already.
    if (!daemon || daemon->environment != environment) continue;
    const std::map<std::string, std::string> found = started_with(proc, daemon->pid);
    if (found.empty()) continue;
    for (const std::string& set : variables_set_by(*text)) {
      const std::string variable = set.substr(0, set.find('='));
      const std::string expected = set.substr(std::min(variable.size() + 1, set.size()));
      const auto has = found.find(variable);
      if (has != found.end() && has->second == expected) continue;
      const std::string what = variable + " of " + called(*daemon, name);
      if (variable == "PATH") {
        drifts.push_back({what, expected, has->second, "cc-ci doctor", true});
      } else {
        // The other value may be a secret of the host.
        drifts.push_back({what, "the declared value", has == found.end() ? "none" : "another one",
                          "cc-ci doctor"});
      }
    }
  }
  return drifts;
}

}  // namespace ccci::activate
