// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/snapshot.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "base/text.hpp"
#include "engine/spec.hpp"

namespace ccci::engine {

namespace {

using base::Json;

constexpr unsigned shown_lines = 10;
constexpr std::uint64_t shown_bytes = 4096;

constexpr std::array<std::pair<std::string_view, TaskState>, 14> task_words{
    {{"new", TaskState::fresh},
     {"pending", TaskState::pending},
     {"assigned", TaskState::assigned},
     {"accepted", TaskState::accepted},
     {"preparing", TaskState::preparing},
     {"ready", TaskState::ready},
     {"starting", TaskState::starting},
     {"running", TaskState::running},
     {"complete", TaskState::complete},
     {"shutdown", TaskState::shutdown},
     {"failed", TaskState::failed},
     {"rejected", TaskState::rejected},
     {"remove", TaskState::remove},
     {"orphaned", TaskState::orphaned}}};

constexpr std::array<std::pair<std::string_view, Update>, 6> update_words{
    {{"updating", Update::updating},
     {"paused", Update::paused},
     {"completed", Update::completed},
     {"rollback_started", Update::rolling_back},
     {"rollback_paused", Update::rollback_paused},
     {"rollback_completed", Update::rolled_back}}};

Task read_task(const Json& json) {
  const Json& status = json["Status"];
  Task task;
  task.id = json["ID"].text_or_empty();
  task.service = json["ServiceID"].text_or_empty();
  task.state = task_state(status["State"].text_or_empty());
  task.desired = task_state(json["DesiredState"].text_or_empty());
  task.created = parse_time(json["CreatedAt"].text_or_empty());
  task.changed = parse_time(status["Timestamp"].text_or_empty());
  task.error = status["Err"].text_or_empty();
  task.container = status["ContainerStatus"]["ContainerID"].text_or_empty();
  task.exit_code = static_cast<int>(status["ContainerStatus"]["ExitCode"].number().value_or(0));
  return task;
}

void read_mode(const Json& mode, Service& service) {
  if (mode.contains("Global")) service.mode = ServiceMode::global;
  if (mode.contains("Replicated")) {
    service.replicas = mode["Replicated"]["Replicas"].number().value_or(1);
  }
  for (const char* job : {"ReplicatedJob", "GlobalJob"}) {
    if (!mode.contains(job)) continue;
    service.mode = ServiceMode::job;
    service.replicas = mode[job]["TotalCompletions"].number().value_or(1);
  }
}

Service read_service(const Json& json) {
  const Json& spec = json["Spec"];
  Service service;
  service.id = json["ID"].text_or_empty();
  service.name = spec["Name"].text_or_empty();
  for (const Json::Member& label : spec["Labels"].items())
    service.labels[label.name] = label.value.text_or_empty();
  read_mode(spec["Mode"], service);
  const std::string update = json["UpdateStatus"]["State"].text_or_empty();
  for (const auto& [word, state] : update_words) {
    if (word == update) service.update = state;
  }
  service.update_message = json["UpdateStatus"]["Message"].text_or_empty();
  service.update_started = parse_time(json["UpdateStatus"]["StartedAt"].text_or_empty());
  const std::string restart = spec["TaskTemplate"]["RestartPolicy"]["Condition"].text_or_empty();
  service.restarts_after_success = restart.empty() || restart == "any";
  service.restarts_after_failure = restart != "none";
  service.most_restarts = spec["TaskTemplate"]["RestartPolicy"]["MaxAttempts"].number().value_or(0);
  const Json& check = spec["TaskTemplate"]["ContainerSpec"]["Healthcheck"];
  if (const auto interval = check["Interval"].number()) {
    service.health_interval = std::chrono::nanoseconds(*interval);
  } else if (!check["Test"].empty() && check["Test"][0].text_or_empty() != "NONE") {
    service.health_interval = std::chrono::seconds(30);  // the engine's default
  }
  return service;
}

Json without_placement(const Json& spec) {
  Json rest = spec;
  if (rest.is_object()) rest["Placement"] = Json();
  return rest;
}

bool needs_inspection(const Task& task) {
  const bool ended = task.state == TaskState::complete ||
                     (has_ended(task.state) && (!task.error.empty() || task.exit_code != 0));
  return !task.container.empty() && (ended || task.state == TaskState::starting);
}

}  // namespace

WallTime parse_time(std::string_view text) {
  std::tm parts{};
  int used = 0;
  const std::string whole(text.substr(0, 40));
  if (std::sscanf(whole.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &used) != 6) {
    return {};
  }
  const std::chrono::year_month_day day(std::chrono::year(parts.tm_year),
                                        std::chrono::month(static_cast<unsigned>(parts.tm_mon)),
                                        std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  // The engine writes "0001-01-01T00:00:00Z" for never, which nanoseconds cannot count.
  if (!day.ok() || parts.tm_year < 1970 || parts.tm_year > 2200) return {};
  std::chrono::nanoseconds fraction{0};
  std::chrono::nanoseconds place = std::chrono::seconds(1);
  const std::string_view rest = text.substr(std::min(text.size(), static_cast<std::size_t>(used)));
  for (std::size_t i = 1; rest.starts_with('.') && i < rest.size(); ++i) {
    if (rest[i] < '0' || rest[i] > '9') break;
    place /= 10;
    fraction += place * (rest[i] - '0');
  }
  return std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) +
         std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec) + fraction;
}

TaskState task_state(std::string_view word) {
  for (const auto& [known, state] : task_words) {
    if (known == word) return state;
  }
  return TaskState::unknown;
}

bool has_ended(TaskState state) { return state >= TaskState::complete; }

std::vector<const Task*> Snapshot::tasks_of(const Service& service) const {
  std::vector<const Task*> found;
  for (const Task& task : tasks) {
    if (task.service == service.id) found.push_back(&task);
  }
  return found;
}

Snapshot read_snapshot(const base::Json& services, const base::Json& tasks) {
  Snapshot snapshot;
  for (const Json& service : services.elements())
    snapshot.services.push_back(read_service(service));
  std::map<std::string, const Json*> templates;
  for (const Json& service : services.elements()) {
    templates[service["ID"].text_or_empty()] = &service["Spec"]["TaskTemplate"];
  }
  for (const Json& json : tasks.elements()) {
    Task task = read_task(json);
    // The API does not say which version of a service a task belongs to. A task stays when only the
    // placement changes, if its node still fits.
    const auto own = templates.find(task.service);
    task.current = own != templates.end() &&
                   same_spec(without_placement(*own->second), without_placement(json["Spec"]));
    snapshot.tasks.push_back(std::move(task));
  }
  std::sort(snapshot.services.begin(), snapshot.services.end(),
            [](const Service& a, const Service& b) { return a.name < b.name; });
  std::stable_sort(snapshot.tasks.begin(), snapshot.tasks.end(),
                   [](const Task& a, const Task& b) { return a.created > b.created; });
  return snapshot;
}

base::Result<Snapshot> take_snapshot(const Api& api, const std::string& stack) {
  const Query query{{"filters", filters({{"label", {std::string(stack_label) + "=" + stack}}})}};
  CCCI_TRY(const Json services, api.get("/services", query));
  CCCI_TRY(const Json tasks, api.get("/tasks", query));
  return read_snapshot(services, tasks);
}

void inspect_tasks(const Api& api, Snapshot& snapshot, std::size_t most) {
  for (Task& task : snapshot.tasks) {
    if (!needs_inspection(task)) continue;
    if (most-- == 0) return;
    // The container may be gone any moment: then there is only what the task says.
    const auto state = container_state(api, task.container);
    if (!state || !*state) continue;
    task.inspected = **state;
    auto logs = container_logs(api, task.container, shown_lines, shown_bytes);
    if (logs) task.last_lines = std::string(base::trim(logs->out + logs->err));
  }
}

}  // namespace ccci::engine
