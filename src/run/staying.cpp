// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/staying.hpp"

#include <algorithm>

#include "engine/listeners.hpp"

namespace ccci::run {

namespace {

constexpr std::chrono::milliseconds time_to_fail_soon{15'000};
// A server listens when it has what it needs.
constexpr std::chrono::milliseconds time_of_servers{30'000};
// A worker that waits for a database or a queue gives up after half a minute, or a whole one.
constexpr std::chrono::milliseconds time_to_give_up{65'000};
constexpr std::chrono::seconds between_counts{2};

bool has_check(const recipe::Service& service) {
  const auto& check = service.healthcheck;
  return check && (check->test.empty() || check->test[0] != "NONE");
}

bool is_job(const recipe::Deploy& deploy) {
  using Mode = recipe::Deploy::Mode;
  return deploy.mode == Mode::replicated_job || deploy.mode == Mode::global_job;
}

}  // namespace

Kind kind_of(const recipe::Service& service, const recipe::Routing& routing) {
  using When = recipe::RestartPolicy::When;
  const recipe::Deploy& deploy = service.deploy;
  const bool routed =
      std::any_of(routing.routes.begin(), routing.routes.end(),
                  [&](const recipe::Route& route) { return route.service == service.key; });
  if (is_job(deploy) || has_check(service) || routed || !service.ports.empty()) return Kind::server;
  const auto& policy = deploy.restart_policy;
  switch (policy ? policy->condition.value_or(When::always) : When::always) {
    case When::never:
      return Kind::ends;
    case When::on_failure:
      return Kind::may_end;
    case When::always:
      break;
  }
  return Kind::restarts;
}

bool needs_watching(const recipe::Service& service) {
  return !is_job(service.deploy) && service.deploy.replicas != 0 && !has_check(service);
}

std::map<std::string, Kind> kinds_of(const recipe::Stack& stack, const recipe::Routing& routing) {
  std::map<std::string, Kind> kinds;
  for (const recipe::Service& service : stack.services)
    kinds[service.name] = kind_of(service, routing);
  return kinds;
}

bool Staying::lasts(const engine::Engine& engine, const std::string& service,
                    const engine::Task& task) {
  if (lasting_.contains(service)) return true;
  const auto now = Clock::now();
  auto& next = next_[task.id];
  if (now < next) return false;
  next = now + between_counts;
  if (!engine::listens(engine, task.container)) return false;
  lasting_.insert(service);
  return true;
}

Staying::Window Staying::window(const engine::Engine& engine,
                                const std::map<std::string, Kind>& kinds,
                                const engine::Service& service, const engine::Task& task,
                                Watch watch) {
  const Window usual = engine::stable_window(service);
  const auto known = kinds.find(service.name);
  const Kind kind = known == kinds.end() ? Kind::server : known->second;
  if (kind == Kind::ends) return lasts(engine, service.name, task) ? usual : engine::until_it_ends;
  if (watch == Watch::settle || service.health_interval) return usual;
  const bool serves =
      kind == Kind::server || (watch == Watch::endure && lasts(engine, service.name, task));
  const Window whole = time_to_stay(watch, serves);
  // All of its life counts. The waiter would count from its own first look.
  return std::chrono::system_clock::now() - task.changed >= whole ? Window(0) : whole;
}

std::chrono::milliseconds time_to_stay(Watch watch, bool serves) {
  switch (watch) {
    case Watch::settle:
      return std::chrono::milliseconds(0);
    case Watch::look:
      return time_to_fail_soon;
    case Watch::endure:
      break;
  }
  return serves ? time_of_servers : time_to_give_up;
}

std::set<std::string> Staying::last(const std::vector<std::string>& endless) {
  std::set<std::string> found;
  for (const std::string& service : endless)
    if (lasting_.insert(service).second) found.insert(service);
  return found;
}

}  // namespace ccci::run
