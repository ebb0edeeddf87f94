// SPDX-License-Identifier: GPL-3.0-or-later
// The jobs that a runner is working on, told by the processes of its service. A restart would kill
// them.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "activate/systemd.hpp"

namespace ccci::activate {

struct RunnerJob {
  std::string unit;
  int pid = 0;
  std::string command;  // as it was started; at most 200 characters, printable
  std::chrono::seconds age{0};
  bool left = false;  // what started it has ended: a cancelled job left it

  bool operator==(const RunnerJob&) const = default;
};

// Where the kernel shows processes and control groups, and how a second is waited for. Others are
// for tests.
struct ProcessView {
  std::filesystem::path proc = "/proc";
  std::filesystem::path cgroups = "/sys/fs/cgroup";
  std::function<void()> pause = [] { std::this_thread::sleep_for(std::chrono::seconds(1)); };
};

// The processes in the unit's control group and below it. [base.*] if they cannot be listed
base::Result<std::set<int>> processes_of(const UnitState& unit,
                                         const std::filesystem::path& cgroups);

// The processes that the daemon started after it was up. The helpers that a daemon starts with
// itself, in its first seconds, are no jobs, unless a socket or a path starts the service. Nor are
// processes that end within a second, or a daemon that looks for work by short commands would never
// be idle: a younger process is waited for. Nor is a `sleep` of the daemon itself. Of a job's
// processes only the topmost is listed. [base.*] if they cannot be listed
base::Result<std::vector<RunnerJob>> jobs_of(const UnitState& unit, const ProcessView& view = {});

// What jobs that have ended left in the units: some engines kill only the shell of a cancelled job.
base::Result<std::vector<RunnerJob>> left_by_jobs(Systemd& systemd,
                                                  const std::vector<std::string>& units,
                                                  const ProcessView& view = {});

// Whether a process of the unit asks for what this process does: it started this process, or it is
// the ssh client at the other end of this process's connection (SSH_CONNECTION, given as
// `connection`). The unit's restart would kill the one that waits for the result. [base.*]
base::Result<bool> is_asked_by(const UnitState& unit, std::string_view connection,
                               const ProcessView& view = {});

// ", still running: 4711 'sleep 25'" for the processes that keep a unit from stopping; at most
// three.
std::string still_running(const UnitState& unit, const ProcessView& view = {});

// "worker.service: process 4711 'sh build.sh', for 3 min", and ", left by a job that has ended"
std::string describe(const RunnerJob& job);

}  // namespace ccci::activate
