// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a deployed stack has become what its services want, as a pure function of a snapshot. The
// engine's own words do not answer this: an update reads "completed" while the old task still runs,
// and a first deployment has no update status at all.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/snapshot.hpp"

namespace ccci::engine {

enum class Phase {
  progressing,  // not yet; may still succeed
  converged,    // all wanted tasks run, old ones are gone, no update is in progress
  complete,     // a one-shot whose tasks have ended with status 0
  failed        // will not succeed without a change
};

enum class Cause {
  none,
  image,        // missing, or the pull failed
  crash,        // tasks end, with any status, and others take their place
  again,        // one task ended, and another one takes its place
  ended,        // the task ended badly, and none takes its place
  fell,         // the task ended badly after the service had been well
  memory,       // killed because of the memory limit
  unhealthy,    // the health check failed
  no_node,      // no node fits the constraints, resources or ports
  engine,       // a part of the engine has ended: that says nothing of the service
  refused,      // the engine could not start the container: bad mount, no such program
  paused,       // the update stopped after a failure
  rolled_back,  // the update failed, and the old version runs again
  slow          // not within the deadline; only the waiter says so
};
const char* describe(Cause cause);  // "crash loop", for people

// Whether the engine's words say that a part of it has ended.
bool is_of_engine(const std::string& problem);

struct ServiceStatus {
  std::string name;
  Phase phase = Phase::progressing;
  Cause cause = Cause::none;  // also while progressing: what went wrong so far
  std::uint64_t running = 0;
  std::uint64_t wanted = 0;
  std::uint64_t old = 0;       // tasks that are no longer wanted and have not ended
  std::uint64_t stale = 0;     // of the running ones: made from an earlier spec
  std::uint64_t failures = 0;  // tasks of the present spec that ended badly
  WallTime since;              // of the newest change of a task that runs or is complete
  std::string detail;          // the engine's words, or the health check's output
  std::optional<int> exit_code;
  std::string last_lines;  // of the task that failed

  bool operator==(const ServiceStatus&) const = default;
};

// How patient the judgement is. A service that ends because its database is not up yet is usual:
// Docker has no order of starts.
struct Patience {
  unsigned failures = 3;  // tasks that ended, for one wanted task
  unsigned decisive = 2;  // the same where nothing else can help: image, memory, health check
  std::chrono::seconds pending{5};  // a task that no node takes
  std::chrono::seconds others{20};  // since the other services of the stack have settled
};

// The other services of the stack.
struct Others {
  bool exist = false;
  bool progressing = false;
  WallTime settled{};  // when the last of them became what it is

  bool operator==(const Others&) const = default;
};

// Of one service. Tasks that ended before `others` had settled are no failures of its own.
ServiceStatus judge(const Service& service, const std::vector<const Task*>& tasks, WallTime now,
                    const Patience& patience = {}, const Others& others = {});

// All services, in the order of the snapshot.
std::vector<ServiceStatus> judge(const Snapshot& snapshot, WallTime now,
                                 const Patience& patience = {});

// Whether the task was made from the present spec and ended badly.
bool is_bad_end(const Task& task);

// The first service of a stack that has been well, of which a task has ended badly since then. What
// ended before, or for a known reason, is `excused`. Another task may run in its place.
std::optional<ServiceStatus> fallen(const Snapshot& snapshot, WallTime now,
                                    const std::function<bool(const Task&)>& excused);

// How long a converged service must stay so before it counts. One more health check must have
// passed at its usual interval; without a check, a program that cannot run has ended by then.
std::chrono::milliseconds stable_window(const Service& service);

}  // namespace ccci::engine
