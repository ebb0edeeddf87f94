// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/runner_jobs.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <optional>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_proc_file = 1U << 20U;
constexpr std::size_t most_processes = 10000;
constexpr std::size_t longest_shown = 200;
// A daemon's own helpers start with it.
constexpr long settling_seconds = 5;

template <typename Number>
Number number(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Whether there is nothing to read: the process or group has ended, or the kernel lists the threads
// of a group above it.
bool is_none(const base::Error& error) {
  return error.number == ENOENT || error.number == ENODEV || error.number == ESRCH ||
         error.number == EOPNOTSUPP;
}

// What cannot be read must not count as empty: a switch would restart the unit beneath its jobs.
base::Result<void> collect_processes(const fs::path& directory, std::set<int>& pids, int depth) {
  if (depth > 16 || pids.size() > most_processes) return {};
  const auto text = base::read_file(directory / "cgroup.procs", largest_proc_file);
  if (!text && !is_none(text.error())) return base::unexpected(text.error());
  for (const std::string_view line : base::split(text ? *text : std::string_view(), '\n')) {
    if (const int pid = number<int>(line); pid > 0) pids.insert(pid);
  }
  CCCI_TRY(const auto entries, base::entries_of(directory));
  std::error_code error;
  for (const fs::directory_entry& entry : entries) {
    if (entry.is_directory(error) && !entry.is_symlink(error))
      CCCI_CHECK(collect_processes(entry.path(), pids, depth + 1));
  }
  return {};
}

struct Start {
  int parent = 0;
  long ticks = 0;  // since boot
};

// proc(5), /proc/PID/stat: the name is in parentheses and may contain blanks and parentheses.
std::optional<Start> start_of(const fs::path& proc, int pid) {
  const auto text = base::read_file(proc / std::to_string(pid) / "stat", largest_proc_file);
  if (!text) return std::nullopt;
  const std::size_t name_end = text->rfind(')');
  if (name_end == std::string::npos || name_end + 2 > text->size()) return std::nullopt;
  const auto words = base::split(std::string_view(*text).substr(name_end + 2), ' ');
  constexpr std::size_t parent = 1;       // field 4; the first word here is field 3
  constexpr std::size_t start_time = 19;  // field 22
  if (words.size() <= start_time) return std::nullopt;
  return Start{number<int>(words[parent]), number<long>(words[start_time])};
}

std::string command_of(const fs::path& proc, int pid) {
  const auto text = base::read_file(proc / std::to_string(pid) / "cmdline", largest_proc_file);
  std::string command = text ? *text : std::string();
  while (!command.empty() && command.back() == '\0') command.pop_back();
  std::replace(command.begin(), command.end(), '\0', ' ');
  if (command.size() > longest_shown) command = command.substr(0, longest_shown) + "…";
  return base::printable(command);
}

// The sockets of this host that are bound to the client's port, as "socket:[INODE]". `connection`
// is "CLIENT_IP CLIENT_PORT SERVER_IP SERVER_PORT" (ssh(1)). A client on another host has no such
// socket here, or one of another connection, whose remote port differs.
std::set<std::string> sockets_from(const fs::path& proc, std::string_view connection) {
  std::set<std::string> sockets;
  const auto words = base::split(connection, ' ');
  if (words.size() != 4) return sockets;
  const auto client = number<unsigned>(words[1]);
  const auto server = number<unsigned>(words[3]);
  const auto port_of = [](std::string_view address) {  // "0100007F:0016", in hexadecimal
    unsigned port = 0;
    const std::string_view digits = address.substr(address.rfind(':') + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), port, 16);
    return port;
  };
  for (const char* table : {"net/tcp", "net/tcp6"}) {
    const auto text = base::read_file(proc / table, 64U << 20U);
    if (!text) continue;
    for (const std::string_view line : base::split(*text, '\n')) {
      std::vector<std::string_view> fields;
      for (const std::string_view word : base::split(line, ' ')) {
        if (!word.empty()) fields.push_back(word);
      }
      constexpr std::size_t inode = 9;  // proc(5)
      if (fields.size() <= inode || port_of(fields[1]) != client || port_of(fields[2]) != server) {
        continue;
      }
      sockets.insert("socket:[" + std::string(fields[inode]) + "]");
    }
  }
  return sockets;
}

bool holds_socket(const fs::path& proc, int pid, const std::set<std::string>& sockets) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(proc / std::to_string(pid) / "fd", error)) {
    const std::string target = fs::read_symlink(entry.path(), error).native();
    if (!error && sockets.contains(target)) return true;
  }
  return false;
}

// A daemon that is a script waits for its next look by 'sleep 10', without an output of its own:
// the output of a job is always kept apart from the daemon's.
bool is_pause_of(int daemon, int pid, const fs::path& proc) {
  const auto name = base::read_file(proc / std::to_string(pid) / "comm", largest_proc_file);
  if (!name || base::trim(*name) != "sleep") return false;
  std::error_code error;
  for (const char* descriptor : {"fd/1", "fd/2"}) {
    const fs::path own = fs::read_symlink(proc / std::to_string(pid) / descriptor, error);
    if (error || own != fs::read_symlink(proc / std::to_string(daemon) / descriptor, error))
      return false;
  }
  return true;
}

// In ticks, as processes count.
long since_boot(const fs::path& proc, long per_second) {
  const auto text = base::read_file(proc / "uptime", largest_proc_file);
  return text ? static_cast<long>(number<double>(*text) * static_cast<double>(per_second)) : 0;
}

}  // namespace

base::Result<std::set<int>> processes_of(const UnitState& unit, const fs::path& cgroups) {
  std::set<int> pids;
  if (unit.control_group.empty()) return pids;
  const fs::path group = cgroups / fs::path(unit.control_group).relative_path();
  CCCI_CHECK(collect_processes(group, pids, 0));
  return pids;
}

namespace {

// Such a service starts because there is a job.
bool starts_for_a_job(const UnitState& unit) {
  const auto names = base::split(unit.triggers, ' ');
  return std::any_of(names.begin(), names.end(), [](std::string_view name) {
    return name.ends_with(".socket") || name.ends_with(".path");
  });
}

}  // namespace

base::Result<std::vector<RunnerJob>> jobs_of(const UnitState& unit, const ProcessView& view) {
  std::vector<RunnerJob> jobs;
  if (unit.main_pid <= 0) return jobs;
  const fs::path main = view.proc / std::to_string(unit.main_pid) / "stat";
  const auto there = base::open_path(main, O_RDONLY);
  if (!there && !is_none(there.error())) return base::unexpected(there.error());
  const auto daemon = start_of(view.proc, unit.main_pid);
  if (!daemon) return jobs;
  const long per_second = sysconf(_SC_CLK_TCK);
  const long settled = daemon->ticks + (starts_for_a_job(unit) ? 0 : settling_seconds * per_second);
  std::map<int, Start> later;
  CCCI_TRY(const std::set<int> pids, processes_of(unit, view.cgroups));
  for (const int pid : pids) {
    const auto start = start_of(view.proc, pid);
    if (pid == unit.main_pid || !start) continue;
    if (start->ticks >= settled) later.emplace(pid, *start);
  }
  std::map<int, Start> topmost = later;
  std::erase_if(topmost, [&](const auto& one) { return later.contains(one.second.parent); });
  long now = since_boot(view.proc, per_second);
  const auto is_young = [&](const auto& one) { return now - one.second.ticks < per_second; };
  if (std::any_of(topmost.begin(), topmost.end(), is_young)) {
    view.pause();
    now = since_boot(view.proc, per_second);
  }
  for (const auto& [pid, start] : topmost) {
    const auto still = start_of(view.proc, pid);
    if (!still || still->ticks != start.ticks) continue;
    if (start.parent == unit.main_pid && is_pause_of(unit.main_pid, pid, view.proc)) continue;
    jobs.push_back({unit.name, pid, command_of(view.proc, pid),
                    std::chrono::seconds((now - start.ticks) / per_second),
                    !pids.contains(start.parent)});
  }
  return jobs;
}

base::Result<std::vector<RunnerJob>> left_by_jobs(Systemd& systemd,
                                                  const std::vector<std::string>& units,
                                                  const ProcessView& view) {
  std::vector<RunnerJob> left;
  if (units.empty()) return left;
  CCCI_TRY(const std::vector<UnitState> states, systemd.show(units));
  for (const UnitState& unit : states) {
    CCCI_TRY(std::vector<RunnerJob> jobs, jobs_of(unit, view));
    for (RunnerJob& job : jobs)
      if (job.left) left.push_back(std::move(job));
  }
  return left;
}

base::Result<bool> is_asked_by(const UnitState& unit, std::string_view connection,
                               const ProcessView& view) {
  CCCI_TRY(const std::set<int> pids, processes_of(unit, view.cgroups));
  if (pids.contains(getpid())) return true;
  const std::set<std::string> sockets = sockets_from(view.proc, connection);
  return !sockets.empty() && std::any_of(pids.begin(), pids.end(), [&](int pid) {
    return holds_socket(view.proc, pid, sockets);
  });
}

std::string still_running(const UnitState& unit, const ProcessView& view) {
  constexpr std::size_t most = 3;
  std::vector<std::string> shown;
  const std::set<int> pids = processes_of(unit, view.cgroups).value_or(std::set<int>());
  for (const int pid : pids) {
    if (shown.size() < most) {
      shown.push_back(std::to_string(pid) + " '" + command_of(view.proc, pid) + "'");
    }
  }
  if (pids.size() > most) shown.push_back(std::to_string(pids.size() - most) + " more");
  return shown.empty() ? "" : ", still running: " + base::join(shown, ", ");
}

std::string describe(const RunnerJob& job) {
  return job.unit + ": process " + std::to_string(job.pid) + " '" + job.command + "', for " +
         base::human_seconds(static_cast<double>(job.age.count())) +
         (job.left ? ", left by a job that has ended" : "");
}

}  // namespace ccci::activate
