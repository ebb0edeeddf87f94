// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/waiter.hpp"

#include <algorithm>
#include <map>
#include <thread>

namespace ccci::engine {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds longest_begin{5'000};
constexpr std::chrono::milliseconds window_after_failure{10'000};

bool has_phase(const std::vector<ServiceStatus>& all, Phase phase) {
  return std::any_of(all.begin(), all.end(),
                     [&](const ServiceStatus& status) { return status.phase == phase; });
}

// Since when each service has been converged without a change. Measured here and not by the task's
// time stamps: a task that ended and came back between two looks has a new one.
class Stability {
 public:
  explicit Stability(bool watch) : watch_(watch) {}

  bool all_stable(const Snapshot& snapshot, const std::vector<ServiceStatus>& all,
                  Clock::time_point now) {
    bool stable = true;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].phase == Phase::complete) continue;
      if (all[i].phase != Phase::converged) {
        since_.erase(all[i].name);
        stable = false;
        continue;
      }
      auto [at, is_new] = since_.try_emplace(all[i].name, Seen{all[i].since, now});
      if (!is_new && at->second.changed != all[i].since) at->second = {all[i].since, now};
      const Service& service = snapshot.services[i];
      auto window = watch_ ? watched_window(service) : stable_window(service);
      // A program that ended before may end again.
      if (all[i].failures > 0) window = std::max(window, window_after_failure);
      // After an update the swarm may not have begun to replace tasks yet.
      if (all[i].stale > 0) window = std::max(window, longest_begin);
      if (now - at->second.noticed < window) stable = false;
    }
    return stable;
  }

 private:
  struct Seen {
    WallTime changed;
    Clock::time_point noticed;
  };
  bool watch_;
  std::map<std::string, Seen> since_;
};

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
  Stability stability(waiting.watch);
  Settled result;
  for (;;) {
    CCCI_TRY(Snapshot snapshot, take_snapshot(api, stack));
    const auto look = [&] {
      return judge(snapshot, std::chrono::system_clock::now(), waiting.patience);
    };
    std::vector<ServiceStatus> all = look();
    if (all != result.services) waiting.report(all);
    result.services = std::move(all);
    const auto now = Clock::now();
    result.time = std::chrono::duration_cast<std::chrono::milliseconds>(now - begin);
    if (stability.all_stable(snapshot, result.services, now)) return result;
    const bool late = result.time >= waiting.deadline;
    const bool stop = waiting.interrupted();
    if (late || stop || has_phase(result.services, Phase::failed)) {
      inspect_tasks(api, snapshot);
      result.services = look();
      if (late) end_as_slow(result.services);
      result.outcome = stop && !late ? Settling::interrupted : Settling::failed;
      return result;
    }
    std::this_thread::sleep_for(waiting.interval);
  }
}

}  // namespace ccci::engine
