// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/convergence.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace ccci::engine {

namespace {

constexpr std::chrono::milliseconds window_without_check{3'000};
constexpr std::chrono::milliseconds shortest_window{1'000};
constexpr std::chrono::milliseconds longest_window{10'000};
constexpr std::chrono::seconds time_to_replace{5};
constexpr int killed_status = 137;

// The engine tells these apart only by its words, which have been the same since swarm mode exists.
constexpr std::array<std::string_view, 6> image_words{"No such image",         "pull access denied",
                                                      "manifest unknown",      "manifest for ",
                                                      "failed to resolve ref", "dial tcp"};
// containerd, or the program that holds a container for it, has ended or does not answer.
constexpr std::array<std::string_view, 4> engine_words{
    "containerd.sock", "transport: Error while dialing", "transport is closing", "ttrpc: closed"};
constexpr std::string_view unhealthy_words = "unhealthy container";
constexpr std::string_view not_started_words = "starting container failed";

bool has_words(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

bool has_any(const std::string& text, std::span<const std::string_view> all) {
  return std::any_of(all.begin(), all.end(),
                     [&](std::string_view words) { return has_words(text, words); });
}

Cause cause_of(const Task& task) {
  if (is_of_engine(task.error)) return Cause::engine;
  if (task.state == TaskState::pending) return task.error.empty() ? Cause::none : Cause::no_node;
  if (task.inspected && task.inspected->killed_for_memory) return Cause::memory;
  // The engine calls every container unhealthy that has a check and has ended, so the word counts
  // only while it runs.
  // A program that the engine stops for its health may end with status 0, and then no word says
  // why.
  const bool checked = task.inspected && task.inspected->health == Health::unhealthy &&
                       (!has_ended(task.state) || task.inspected->failed_checks);
  if (checked || has_words(task.error, unhealthy_words)) return Cause::unhealthy;
  if (task.state == TaskState::rejected) {
    return has_any(task.error, image_words) ? Cause::image : Cause::refused;
  }
  if (task.state == TaskState::preparing && !task.error.empty()) return Cause::image;
  if (task.state == TaskState::failed || task.state == TaskState::complete) {
    // A container that could not be created or started has no process that could end.
    const bool never_ran = task.container.empty() || has_words(task.error, not_started_words);
    return never_ran ? Cause::refused : Cause::crash;
  }
  return Cause::none;
}

void explain(ServiceStatus& status, const Task& task) {
  status.cause = cause_of(task);
  status.detail = task.error;
  // Before the first good check it is the check that somebody waits for.
  const bool by_check = status.cause == Cause::unhealthy || status.cause == Cause::none;
  if (by_check && task.inspected && !task.inspected->health_output.empty()) {
    status.detail = task.inspected->health_output;
  }
  if (status.cause == Cause::crash || status.cause == Cause::memory) {
    status.exit_code = task.exit_code;
    if (status.cause == Cause::memory && task.exit_code == 0) status.exit_code = killed_status;
    // The engine only says again that it ended, and with which status.
    if (status.cause == Cause::crash && status.exit_code) status.detail.clear();
  }
  status.last_lines = task.last_lines;
}

bool ended_badly(const Task& task) {
  if (task.state == TaskState::complete) return task.exit_code != 0;
  return task.state == TaskState::failed || task.state == TaskState::rejected;
}

// Tasks by what they are now.
struct Count {
  std::uint64_t running = 0;
  std::uint64_t stale = 0;
  const Task* newest_starting = nullptr;
  std::uint64_t starting = 0;  // wanted, and neither runs nor has ended
  std::uint64_t old = 0;       // no longer wanted, and has not ended
  // Of those that were made from the present spec.
  std::uint64_t complete = 0;         // ended with status 0
  std::vector<const Task*> failures;  // ended otherwise, or ended where they should run on
  WallTime completed{};
  const Task* newest_bad = nullptr;
  const Task* newest_of_update = nullptr;  // that ended badly since the update began, of any spec
  const Task* waiting = nullptr;           // for a node
  WallTime since{};
};

bool is_wanted(const Task& task) {
  return task.desired <= TaskState::running || task.desired == TaskState::complete;
}

// Tasks come with the newest first.
void count_ended(const Service& service, const Task& task, Count& result) {
  const bool good = task.state == TaskState::complete && task.exit_code == 0;
  const bool bad = ended_badly(task);
  if (bad && task.created >= service.update_started && result.newest_of_update == nullptr) {
    result.newest_of_update = &task;
  }
  if (!task.current) return;
  if (good) {
    ++result.complete;
    result.completed = std::max(result.completed, task.changed);
  }
  const bool done = service.mode == ServiceMode::job || !service.restarts_after_success;
  if (!bad && (!good || done)) return;
  result.failures.push_back(&task);
  const bool better =
      result.newest_bad == nullptr || (bad && result.newest_bad->state == TaskState::complete);
  if (better) result.newest_bad = &task;
}

Count count(const Service& service, const std::vector<const Task*>& tasks) {
  Count result;
  for (const Task* task : tasks) {
    const bool ended = has_ended(task->state);
    if (!ended && !is_wanted(*task)) ++result.old;
    if (!ended && is_wanted(*task)) {
      if (task->state == TaskState::running) {
        ++result.running;
        if (!task->current) ++result.stale;
        result.since = std::max(result.since, task->changed);
      } else {
        ++result.starting;
        if (result.newest_starting == nullptr) result.newest_starting = task;
      }
      if (task->state == TaskState::pending && !task->error.empty()) result.waiting = task;
    }
    if (ended) count_ended(service, *task, result);
  }
  return result;
}

std::uint64_t wanted_tasks(const Service& service, const Count& counted) {
  if (service.mode != ServiceMode::global) return service.replicas;
  // One a node: the engine has made a task for each node that fits.
  return std::max<std::uint64_t>(1, counted.running + counted.starting);
}

bool is_updating(const Service& service) {
  return service.update == Update::updating || service.update == Update::rolling_back;
}

// Whether the engine will still make tasks that replace those that ended. It makes the next one at
// once, and only then waits for the delay; so one that has made none for a while has used up its
// attempts.
bool will_retry(const Service& service, const Count& counted, WallTime now) {
  if (counted.starting > 0 || service.most_restarts == 0 || counted.newest_bad == nullptr)
    return service.restarts_after_failure || counted.starting > 0;
  return service.restarts_after_failure && now - counted.newest_bad->changed < time_to_replace;
}

// Nothing else in the stack can make these go away.
bool is_decisive(Cause cause) {
  return cause == Cause::image || cause == Cause::memory || cause == Cause::unhealthy ||
         cause == Cause::refused;
}

bool fails(const Service& service, const Count& counted, const ServiceStatus& status, WallTime now,
           const Patience& patience, const Others& others) {
  if (counted.waiting != nullptr && now - counted.waiting->changed >= patience.pending) return true;
  if (counted.failures.empty()) return false;
  if (!will_retry(service, counted, now) && status.running < status.wanted) return true;
  const std::uint64_t each = std::max<std::uint64_t>(1, status.wanted);
  if (is_decisive(status.cause)) return counted.failures.size() >= patience.decisive * each;
  if (others.exist && (others.progressing || now - others.settled < patience.others)) return false;
  const auto own = std::count_if(counted.failures.begin(), counted.failures.end(),
                                 [&](const Task* task) { return task->created >= others.settled; });
  return static_cast<std::uint64_t>(own) >= patience.failures * each;
}

// The others than `index`, by the judgement of each alone.
Others others_than(std::size_t index, const std::vector<ServiceStatus>& all) {
  Others others;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i == index) continue;
    others.exist = true;
    if (all[i].phase == Phase::progressing) others.progressing = true;
    // One that failed will not become ready, so nobody waits for it.
    if (all[i].phase != Phase::failed) others.settled = std::max(others.settled, all[i].since);
  }
  return others;
}

}  // namespace

bool is_of_engine(const std::string& problem) { return has_any(problem, engine_words); }

const char* describe(Cause cause) {
  switch (cause) {
    case Cause::none:
      return "";
    case Cause::image:
      return "image missing or pull failed";
    case Cause::crash:
      return "crash loop";
    case Cause::again:
      return "it ended and is started again";
    case Cause::ended:
      return "it ended, and its restart policy does not start it again";
    case Cause::fell:
      return "it ended after it had been well";
    case Cause::memory:
      return "killed because it used too much memory";
    case Cause::unhealthy:
      return "health check failed";
    case Cause::no_node:
      return "no node to run on";
    case Cause::engine:
      return "a part of the engine does not answer";
    case Cause::refused:
      return "the engine could not start the container";
    case Cause::paused:
      return "update paused after a failure";
    case Cause::rolled_back:
      return "update failed and was rolled back";
    case Cause::slow:
      return "not ready within the deadline";
  }
  return "";
}

ServiceStatus judge(const Service& service, const std::vector<const Task*>& tasks, WallTime now,
                    const Patience& patience, const Others& others) {
  const Count counted = count(service, tasks);
  ServiceStatus status;
  status.name = service.name;
  status.running = counted.running;
  status.wanted = wanted_tasks(service, counted);
  status.old = counted.old;
  status.stale = counted.stale;
  status.failures = counted.failures.size();
  if (counted.newest_starting != nullptr) explain(status, *counted.newest_starting);
  if (counted.newest_bad != nullptr) explain(status, *counted.newest_bad);
  if (counted.waiting != nullptr) explain(status, *counted.waiting);
  // The engine pauses an update if a task ends within its `monitor`, also if the task ended well.
  const bool one_shot = service.mode == ServiceMode::job || !service.restarts_after_success;
  if (one_shot && counted.complete >= status.wanted && counted.running == 0 &&
      counted.starting == 0 && counted.old == 0 && status.wanted > 0) {
    status.phase = Phase::complete;
    status.cause = Cause::none;
    status.since = counted.completed;
    return status;
  }
  if (service.update == Update::paused || service.update == Update::rollback_paused ||
      service.update == Update::rolled_back) {
    status.phase = Phase::failed;
    // The task says why, if the engine still has it; otherwise there is only the update's message.
    if (counted.newest_of_update != nullptr) explain(status, *counted.newest_of_update);
    if (status.cause == Cause::none) {
      status.cause = service.update == Update::rolled_back ? Cause::rolled_back : Cause::paused;
      status.detail = service.update_message;
    }
    return status;
  }
  // A job that runs is not done yet.
  if (counted.running == status.wanted && counted.starting == 0 && counted.old == 0 &&
      !is_updating(service) && service.mode != ServiceMode::job) {
    status.phase = Phase::converged;
    status.since = counted.since;
    return status;
  }
  if (fails(service, counted, status, now, patience, others)) status.phase = Phase::failed;
  // Several that ended are a loop, though it is over.
  if (status.failures == 1 && status.cause == Cause::crash) {
    const bool over = status.phase == Phase::failed && !will_retry(service, counted, now);
    status.cause = over ? Cause::ended : Cause::again;
  }
  return status;
}

std::vector<ServiceStatus> judge(const Snapshot& snapshot, WallTime now, const Patience& patience) {
  std::vector<ServiceStatus> alone;
  for (const Service& service : snapshot.services) {
    alone.push_back(judge(service, snapshot.tasks_of(service), now, patience));
  }
  std::vector<ServiceStatus> all = alone;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Service& service = snapshot.services[i];
    if (all[i].phase != Phase::failed) continue;
    all[i] = judge(service, snapshot.tasks_of(service), now, patience, others_than(i, alone));
  }
  return all;
}

bool is_bad_end(const Task& task) { return task.current && ended_badly(task); }

std::optional<ServiceStatus> fallen(const Snapshot& snapshot, WallTime now,
                                    const std::function<bool(const Task&)>& excused) {
  const std::vector<ServiceStatus> all = judge(snapshot, now);
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const Task* task : snapshot.tasks_of(snapshot.services[i])) {
      if (!is_bad_end(*task) || excused(*task)) continue;
      if (all[i].phase == Phase::failed) return all[i];
      ServiceStatus status = all[i];
      explain(status, *task);
      status.phase = Phase::failed;
      if (status.cause == Cause::crash) status.cause = Cause::fell;
      return status;
    }
  }
  return std::nullopt;
}

std::chrono::milliseconds stable_window(const Service& service) {
  if (!service.health_interval) return window_without_check;
  return std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(*service.health_interval),
                    shortest_window, longest_window);
}

}  // namespace ccci::engine
