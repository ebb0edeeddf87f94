// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/waiter.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <thread>

namespace ccci::engine {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds longest_begin{5'000};
constexpr std::chrono::milliseconds window_after_failure{10'000};

bool is_settled(const ServiceStatus& status) {
  return status.phase == Phase::converged || status.phase == Phase::complete;
}

bool has_phase(const std::vector<ServiceStatus>& all, Phase phase) {
  return std::any_of(all.begin(), all.end(),
                     [&](const ServiceStatus& status) { return status.phase == phase; });
}

const Task* running_task(const Snapshot& snapshot, const Service& service) {
  for (const Task* task : snapshot.tasks_of(service))
    if (task->state == TaskState::running) return task;
  return nullptr;
}

enum class Steady { no, yes, but_for_ends };  // the last: only services that are to end still run

// Since when each service has been converged without a change. Measured here and not by the task's
// time stamps: a task that ended and came back between two looks has a new one.
class Stability {
 public:
  explicit Stability(const Waiting& waiting) : waiting_(waiting) {}

  Steady look(const Snapshot& snapshot, const std::vector<ServiceStatus>& all,
              Clock::time_point now) {
    bool stable = true;
    endless_.clear();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].phase == Phase::complete) continue;
      if (all[i].phase != Phase::converged) {
        since_.erase(all[i].name);
        stable = false;
        continue;
      }
      auto [at, is_new] = since_.try_emplace(all[i].name, Seen{all[i].since, now});
      if (!is_new && at->second.changed != all[i].since) at->second = {all[i].since, now};
      auto window = window_of(snapshot, snapshot.services[i]);
      if (window == until_it_ends) {
        endless_.push_back(all[i].name);
        continue;
      }
      // A program that ended before may end again.
      if (all[i].failures > 0) window = std::max(window, window_after_failure);
      // After an update the swarm may not have begun to replace tasks yet.
      if (all[i].stale > 0) window = std::max(window, longest_begin);
      if (now - at->second.noticed < window) stable = false;
    }
    if (!stable) return Steady::no;
    return endless_.empty() ? Steady::yes : Steady::but_for_ends;
  }

  const std::vector<std::string>& endless() const { return endless_; }

 private:
  struct Seen {
    WallTime changed;
    Clock::time_point noticed;
  };
  std::chrono::milliseconds window_of(const Snapshot& snapshot, const Service& service) const {
    const Task* task = running_task(snapshot, service);
    return task == nullptr ? stable_window(service) : waiting_.window(service, *task);
  }

  const Waiting& waiting_;
  std::vector<std::string> endless_;
  std::map<std::string, Seen> since_;
};

// Whether a service of a stack that was well has fallen. Then it is the failure of the result.
bool take_fallen(const Api& api, Snapshot& snapshot, const Waiting& waiting, Settled& result) {
  const auto look = [&] {
    return fallen(snapshot, std::chrono::system_clock::now(), waiting.excused);
  };
  if (!look()) return false;
  inspect_tasks(api, snapshot);
  const std::optional<ServiceStatus> found = look();
  for (ServiceStatus& status : result.services)
    if (found && status.name == found->name) status = *found;
  result.outcome = Settling::failed;
  return true;
}

void end_as_slow(std::vector<ServiceStatus>& all) {
  for (ServiceStatus& status : all) {
    if (status.phase != Phase::progressing) continue;
    status.phase = Phase::failed;
    if (status.cause == Cause::none) status.cause = Cause::slow;
  }
}

}  // namespace

std::vector<ServiceStatus> Settled::failures() const {
  std::vector<ServiceStatus> failed;
  std::copy_if(services.begin(), services.end(), std::back_inserter(failed),
               [](const ServiceStatus& status) { return status.phase == Phase::failed; });
  return failed;
}

base::Result<Settled> await_stack(const Api& api, const std::string& stack,
                                  const Waiting& waiting) {
  const auto begin = Clock::now();
  Stability stability(waiting);
  Settled result;
  for (;;) {
    CCCI_TRY(Snapshot snapshot, take_snapshot(api, stack));
    waiting.looked(snapshot);
    const auto look = [&] {
      return judge(snapshot, std::chrono::system_clock::now(), waiting.patience);
    };
    std::vector<ServiceStatus> all = look();
    if (all != result.services) waiting.report(all);
    result.services = std::move(all);
    const auto now = Clock::now();
    result.time = std::chrono::duration_cast<std::chrono::milliseconds>(now - begin);
    if (waiting.excused && take_fallen(api, snapshot, waiting, result)) return result;
    const Steady steady = stability.look(snapshot, result.services, now);
    const bool late = result.time >= waiting.deadline;
    result.endless = stability.endless();
    if (steady == Steady::yes || (steady == Steady::but_for_ends && late)) return result;
    const bool stop = waiting.interrupted();
    if (late || stop || has_phase(result.services, Phase::failed)) {
      inspect_tasks(api, snapshot);
      result.services = look();
      if (late) end_as_slow(result.services);
      result.outcome = stop && !late ? Settling::interrupted : Settling::failed;
      return result;
    }
    if (std::all_of(result.services.begin(), result.services.end(), is_settled))
      waiting.staying(result.services);
    std::this_thread::sleep_for(waiting.interval);
  }
}

}  // namespace ccci::engine
