// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine says about the services of a stack at one moment, read from the answers of its
// API. convergence.hpp judges it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "engine/api.hpp"
#include "engine/containers.hpp"

namespace ccci::engine {

using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;
// "2026-11-27T17:49:33.085763694Z"; the epoch if it is no such time.
WallTime parse_time(std::string_view text);

// In the engine's order: a task only moves forward.
enum class TaskState {
  unknown,
  fresh,  // "new"
  pending,
  assigned,
  accepted,
  preparing,
  ready,
  starting,
  running,
  complete,
  shutdown,
  failed,
  rejected,
  remove,
  orphaned
};
TaskState task_state(std::string_view word);
// Whether a task in this state has ended, whatever was wanted.
bool has_ended(TaskState state);

struct Task {
  std::string id;
  std::string service;  // id
  bool current = true;  // made from the service's present spec
  TaskState state = TaskState::unknown;
  TaskState desired = TaskState::unknown;
  WallTime created;
  WallTime changed;   // when it got its state
  std::string error;  // the engine's words
  std::string container;
  int exit_code = 0;
  // Of its container, if the engine still has it.
  std::optional<ContainerState> inspected;
  std::string last_lines;  // of its output

  bool operator==(const Task&) const = default;
};

enum class Update { none, updating, paused, completed, rolling_back, rollback_paused, rolled_back };

enum class ServiceMode { replicated, global, job };

struct Service {
  std::string id;
  std::string name;
  std::map<std::string, std::string> labels;
  ServiceMode mode = ServiceMode::replicated;
  std::uint64_t replicas = 1;  // wanted; of a job: completions
  Update update = Update::none;
  std::string update_message;
  WallTime update_started;
  bool restarts_after_success = true;  // restart condition "any", the engine's default
  bool restarts_after_failure = true;
  std::uint64_t most_restarts = 0;                          // of a task that failed; 0: no limit
  std::optional<std::chrono::nanoseconds> health_interval;  // of its own health check

  bool operator==(const Service&) const = default;
};

struct Snapshot {
  std::vector<Service> services;  // by name
  std::vector<Task> tasks;        // the newest first

  std::vector<const Task*> tasks_of(const Service& service) const;
};

// `services` and `tasks` are the answers of /services and /tasks.
Snapshot read_snapshot(const base::Json& services, const base::Json& tasks);

// Asks the engine for all services of the stack.
base::Result<Snapshot> take_snapshot(const Api& api, const std::string& stack);
// Adds state and last lines of the containers of tasks that ended with an error, or that are not
// healthy yet. At most `most` containers are looked at, the newest.
void inspect_tasks(const Api& api, Snapshot& snapshot, std::size_t most = 8);

}  // namespace ccci::engine
