// SPDX-License-Identifier: GPL-3.0-or-later
// Waits for the services of a session, and looks whether they stay well.
#include <algorithm>

#include "base/text.hpp"
#include "run/blame.hpp"
#include "run/gist.hpp"
#include "run/session.hpp"

namespace ccci::run {

namespace {

constexpr std::chrono::seconds longest_watch{120};
constexpr std::chrono::milliseconds between_looks_at_ports{1'000};

std::string status_text(const engine::ServiceStatus& status) {
  std::string text =
      status.name + " " + std::to_string(status.running) + "/" + std::to_string(status.wanted);
  if (status.cause != engine::Cause::none) text += std::string(" (") + describe(status.cause) + ")";
  return text;
}

std::string waiting_for(const std::vector<engine::ServiceStatus>& all) {
  std::vector<std::string> parts;
  for (const engine::ServiceStatus& status : all) {
    if (status.phase == engine::Phase::progressing) parts.push_back(status_text(status));
  }
  return parts.empty() ? "the services to stay as they are" : base::join(parts, ", ");
}

// `more` tells what a reason says besides.
Outcome judge(const engine::Settled& settled,
              const std::function<std::string(const engine::ServiceStatus&)>& more) {
  if (settled.outcome == engine::Settling::good) return {};
  if (settled.outcome == engine::Settling::interrupted) return Outcome::unverified("stopped");
  const std::vector<engine::ServiceStatus> failures = settled.failures();
  std::vector<std::string> reasons;
  std::string words;
  for (const engine::ServiceStatus& status : failures) {
    std::string reason = "service " + status.name + ": " + describe(status.cause);
    if (status.exit_code) reason += ", exit status " + std::to_string(*status.exit_code);
    if (!status.detail.empty()) reason += ": " + gist(status.detail);
    reasons.push_back(reason + more(status));
    if (status.last_lines.empty()) continue;
    // Nobody knows which of several failed because of another, so each has its words.
    if (failures.size() > 1) words += (words.empty() ? "" : "\n") + status.name + ":\n";
    words += status.last_lines;
  }
  return Outcome::red(base::join(reasons, "; "), std::move(words));
}

}  // namespace

base::Result<Outcome> Session::await(const Deployable& app, engine::Waiting waiting, Watch watch) {
  const recipe::Stack& stack = app.app.composed.stack;
  const auto kinds = kinds_of(stack, app.routing);
  waiting.deadline = plan_.timeout;
  if (watch != Watch::settle) waiting.deadline += longest_watch;
  waiting.window = [&](const engine::Service& service, const engine::Task& task) {
    return staying_.window(*engine_, kinds, service, task, watch);
  };
  waiting.report = [this](const auto& all) { watcher_.wait(waiting_for(all)); };
  waiting.interrupted = [this] { return stopping_() != Stop::no; };
  // The engine ends a container whose check fails, so it is looked at while it lives.
  std::map<std::string, std::vector<engine::Listener>> ports;
  waiting.looked = [&, next = std::chrono::steady_clock::now() +
                              between_looks_at_ports](const auto& snapshot) mutable {
    const auto now = std::chrono::steady_clock::now();
    if (now < next) return;
    next = now + between_looks_at_ports;
    look_at_checked(snapshot, ports);
  };
  CCCI_TRY(const engine::Settled settled, engine::await_stack(api(), stack.name, waiting));
  for (const std::string& service : staying_.last(settled.endless))
    note("service " + service + " has the restart policy `none` and still runs after " +
         base::human_seconds(static_cast<double>(plan_.timeout.count())) +
         ": it was not seen to end");
  for (const engine::ServiceStatus& status : settled.failures()) {
    if (status.cause == engine::Cause::engine)
      return base::unexpected(base::fail("engine.parts").with("problem", gist(status.detail)));
  }
  for (const engine::ServiceStatus& status : settled.failures())
    if (base::trim(status.detail) != gist(status.detail))
      watcher_.log("service " + status.name + " failed with:\n" + status.detail);
  return judge(settled, [&](const engine::ServiceStatus& status) {
    Circumstances circumstances;
    for (const recipe::Service& service : stack.services)
      if (service.name == status.name) circumstances.service = &service;
    if (const auto seen = ports.find(status.name); seen != ports.end())
      circumstances.listeners = seen->second;
    circumstances.memory = memory_of_machine();
    return blame(status.cause, circumstances) + about_env_file(status.last_lines);
  });
}

// A task stays in this state until its first good check.
void Session::look_at_checked(const engine::Snapshot& snapshot,
                              std::map<std::string, std::vector<engine::Listener>>& ports) const {
  for (const engine::Service& service : snapshot.services) {
    for (const engine::Task* task : snapshot.tasks_of(service)) {
      if (task->state != engine::TaskState::starting || task->container.empty()) continue;
      auto listeners = engine::listeners_of(*engine_, task->container);
      // A container that just begins must not hide what the one before it was seen to do.
      if (listeners && (!listeners->empty() || !ports.contains(service.name)))
        ports.insert_or_assign(service.name, std::move(*listeners));
    }
  }
}

bool Session::is_to_be_watched(const Deployable& app) {
  const auto& services = app.app.composed.stack.services;
  return std::any_of(services.begin(), services.end(), needs_watching);
}

base::Result<Outcome> Session::watch(const Deployable& app, Watch how) {
  if (!is_to_be_watched(app)) return Outcome{};
  engine::Waiting waiting;
  waiting.excused = excuses();
  return await(app, std::move(waiting), how);
}

base::Result<void> Session::route(const Deployable& app) {
  CCCI_TRY(const std::vector<ingress::Site> sites, sites_with(app));
  return ingress_->update(sites);
}

base::Result<Outcome> Session::settle(const Deployable& app) {
  engine::Waiting waiting;
  if (&app == &plan_.head && !visits_.over)
    waiting.staying = [&](const auto& services) { visit_early(app, services); };
  CCCI_TRY(Outcome outcome, await(app, std::move(waiting), Watch::settle));
  const auto updated = route(app);
  if (updated) return outcome;
  if (!updated.error().is(base::Condition::refused)) return base::unexpected(updated.error());
  if (!outcome.good()) return outcome;
  return Outcome::red("haproxy refuses the routes of the labels",
                      std::string(updated.error().field("log")));
}

base::Result<void> Session::be_well(const Deployable& app) {
  CCCI_TRY(const engine::Snapshot snapshot,
           engine::take_snapshot(api(), app.app.composed.stack.name));
  well_.emplace();
  for (const engine::Task& task : snapshot.tasks)
    if (engine::is_bad_end(task)) well_->insert(task.id);
  return {};
}

std::function<bool(const engine::Task&)> Session::excuses() const {
  if (!well_) return {};
  return [this](const engine::Task& task) {
    return well_->contains(task.id) || task.changed < excused_until_;
  };
}

base::Result<Outcome> Session::look_after(const Deployable& app) {
  if (!well_ || stopping_() != Stop::no) return Outcome{};
  CCCI_TRY(const engine::Snapshot snapshot,
           engine::take_snapshot(api(), app.app.composed.stack.name));
  const auto now = std::chrono::system_clock::now();
  const auto all = engine::judge(snapshot, now);
  const bool well = std::all_of(all.begin(), all.end(), [](const engine::ServiceStatus& status) {
    return status.phase == engine::Phase::converged || status.phase == engine::Phase::complete;
  });
  if (well && !engine::fallen(snapshot, now, excuses())) return Outcome{};
  // Waiting looks into the containers too, and waits for one that is started again.
  engine::Waiting waiting;
  waiting.excused = excuses();
  return await(app, std::move(waiting), Watch::settle);
}

}  // namespace ccci::run
