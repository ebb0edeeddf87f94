// SPDX-License-Identifier: GPL-3.0-or-later
// How long a service must stay as it is before that counts. Compose files do not say which service
// is a server and which one is to end: a migration with the restart policy `none` or `on-failure`
// looks like a server until it ends. So a service that shows nothing of a server is waited for.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>

#include "engine/engine.hpp"
#include "engine/waiter.hpp"
#include "recipe/route.hpp"
#include "recipe/stack.hpp"

namespace ccci::run {

enum class Kind {
  server,    // it has a health check, a route or a port; or it is a job, which is waited for anyway
  restarts,  // it is started again whenever it ends
  may_end,   // it is started again if it fails
  ends,      // it is not started again
};
Kind kind_of(const recipe::Service& service, const recipe::Routing& routing);

// How sure somebody wants to be that a service stays.
enum class Watch {
  settle,  // its usual window
  look,    // a program without a check that fails soon has failed by then
  endure,  // and one that gives up after a long wait
};

// Whether nothing but its staying says that it is well.
bool needs_watching(const recipe::Service& service);

// Of the services of one run. Whoever was once found to last is not waited for again.
class Staying {
 public:
  using Window = std::chrono::milliseconds;

  Window window(const engine::Engine& engine, const std::map<std::string, Kind>& kinds,
                const engine::Service& service, const engine::Task& task, Watch watch);
  // Services that still ran at the deadline. Returns the new ones.
  std::set<std::string> last(const std::vector<std::string>& endless);

 private:
  using Clock = std::chrono::steady_clock;
  bool lasts(const engine::Engine& engine, const std::string& service, const engine::Task& task);

  std::set<std::string> lasting_;                  // by name
  std::map<std::string, Clock::time_point> next_;  // when a service is asked again
};

// By the engine's names.
std::map<std::string, Kind> kinds_of(const recipe::Stack& stack, const recipe::Routing& routing);

// How long a task without a health check has to run, from its start. `serves`: it has a route, a
// port or a socket that listens.
std::chrono::milliseconds time_to_stay(Watch watch, bool serves);

}  // namespace ccci::run
