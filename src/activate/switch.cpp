// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/switch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "activate/conditions.hpp"
#include "activate/evidence.hpp"
#include "activate/requirements.hpp"
#include "activate/retention.hpp"
#include "activate/schedules.hpp"
#include "activate/unit_names.hpp"
#include "base/date.hpp"
#include "base/lock_file.hpp"
#include "base/shell.hpp"
#include "base/text.hpp"
#include "store/upkeep.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds between_tries{100};
constexpr std::chrono::seconds longest_wait{120};

std::string called(std::uint64_t number) {
  return number == 0 ? "nothing" : "generation " + std::to_string(number);
}

std::string lines_of(const std::vector<Complaint>& complaints) {
  std::string lines;
  for (const Complaint& complaint : complaints) {
    lines += (lines.empty() ? "" : "\n") + complaint.subject + ": " + complaint.found;
  }
  return lines;
}

std::optional<store::Address> system_of(const Generation& generation, const store::Store& store) {
  if (generation.number == 0 || generation.state != store.state()) return std::nullopt;
  return store::read_directory(store::Kind::system, generation.system);
}

}  // namespace

base::Result<void> Switcher::check_host(std::string_view command) const {
  const Layout& layout = generations_.layout();
  if (layout.real() && geteuid() != 0) {
    return base::unexpected(base::fail("activate.not-root").with("command", command));
  }
  std::error_code error;
  if (fs::is_directory(layout.at("/run/systemd/system"), error)) return {};
  const auto name = base::read_file("/proc/1/comm", 4096);
  return base::unexpected(base::fail("activate.no-systemd")
                              .with("found", name ? base::trim(*name) : "another program"));
}

base::Result<base::Fd> Switcher::lock() const {
  const fs::path path = generations_.layout().run() / "lock";
  CCCI_CHECK(base::make_directories(path.parent_path()));
  CCCI_TRY(const base::Fd directory, base::open_path(path.parent_path(), O_RDONLY | O_DIRECTORY));
  CCCI_TRY(base::Fd file, base::open_lock_file(directory.get(), path.filename().native()));
  const base::Clock::Time end = edges_.clock.now() + longest_wait;
  bool told = false;
  while (!base::try_lock(file.get(), base::LockMode::exclusive)) {
    if (edges_.clock.now() >= end || edges_.interrupted()) {
      return base::unexpected(base::fail("activate.busy")
                                  .with("path", path.native())
                                  .with("holder", base::lock_holder(file.get())));
    }
    if (!std::exchange(told, true)) {
      const std::string holder = base::lock_holder(file.get());
      edges_.progress.note("waiting for " + (holder.empty() ? "another cc-ci" : holder) +
                           ", which changes this host");
    }
    edges_.pause(between_tries);
  }
  return file;
}

base::Result<Switcher::Target> Switcher::target(const store::Store& store,
                                                const SwitchRequest& request,
                                                const Generation& before) const {
  CCCI_TRY(SystemObject system, read_system(store, request.system));
  Target target;
  target.generation = system.generation(store);
  target.generation.project = request.project.empty() ? before.project : request.project;
  target.texts = std::move(system.units);
  // Uses the current generation, or the newest one if it is the same: a switch that was killed or
  // went back has already published it.
  CCCI_TRY(const std::vector<std::uint64_t> numbers, generations_.numbers());
  for (const std::uint64_t number : {before.number, numbers.empty() ? 0 : numbers.back()}) {
    if (number == 0) continue;
    const auto there = generations_.read(number);
    if (!there || !there->same_as(target.generation) || !generations_.intact(*there)) continue;
    target.generation = *there;
    target.published = true;
    return target;
  }
  CCCI_TRY(target.generation.number, generations_.next());
  target.generation.time = base::rfc3339(std::chrono::system_clock::now());
  const Origin origin = request.origin ? request.origin() : Origin{};
  target.generation.commit = origin.commit;
  target.generation.dirty = origin.dirty;
  target.generation.override_reason = origin.override_reason;
  return target;
}

base::Result<void> Switcher::root(store::Store& store, const Target& target) const {
  const auto system = system_of(target.generation, store);
  const std::string name = root_of(target.generation.number);
  std::error_code error;
  if (fs::read_symlink(store.state() / "roots" / name, error).filename() ==
      target.generation.system) {
    return {};
  }
  return store::add_root(store, name, *system);
}

// The order makes a killed switch safe. All checks of the request come first, and a dry run ends
// there. The hold keeps garbage collection away until root() has made a root for the system. The
// plan changes `current` with one rename, so `current` always points to a complete generation. A
// new generation becomes `confirmed` only if it is healthy. After a kill, the next switch observes
// the host again and reads the marks in /run; it needs nothing else from this process.
base::Result<Switched> Switcher::switch_to(store::Store& store, const SwitchRequest& request) {
  deadline_ = request.deadline;
  confirmed_ = request.confirmed;
  const Generation before = generations_.standing();
  CCCI_TRY(store::Hold hold, store.hold());
  CCCI_TRY(const Target target, this->target(store, request, before));
  Observed observed;
  CCCI_TRY(Plan plan, plan_in_peace(before, target, request.jobs, request.jobs_limit,
                                    request.dry_run, observed));
  if (!target.published || target.generation.number != before.number) {
    CCCI_CHECK(verify_new(store, request.system, system_of(before, store), edges_.progress));
  }
  CCCI_CHECK(require_free_names(generations_.layout(), target.generation));
  CCCI_CHECK(require_runners(generations_.layout(), target.generation, observed));
  CCCI_CHECK(require_possible(plan, before, target.generation, observed));
  CCCI_CHECK(require_users(target.texts));
  CCCI_CHECK(require_schedules(edges_.processes, target.texts));
  CCCI_CHECK(require_directories(generations_.layout(), target.generation, target.texts));
  CCCI_CHECK(require_secret_files(generations_.layout(), target.texts));
  if (request.inspect) CCCI_CHECK(request.inspect(restarted(plan)));
  Switched done{before, target.generation, std::move(plan), std::nullopt};
  if (request.announce) request.announce(done.plan, done.after);
  if (request.dry_run) return done;
  if (!done.plan.empty()) {
    CCCI_CHECK(generations_.clear_staged());
    CCCI_CHECK(root(store, target));
  }
  hold.reset();
  CCCI_TRY(done, activate_target(target, before, std::move(done), observed));
  if (!done.plan.empty()) {
    // The generation is active and healthy. If an old one cannot be removed, nothing is undone.
    const auto dropped = drop_generations(generations_, store, kept_generations);
    if (!dropped) done.untidy = dropped.error();
  }
  return done;
}

namespace {

// The jobs of the units that the plan restarts.
base::Result<std::vector<RunnerJob>> jobs_at_work(const Plan& plan, const Observed& observed) {
  std::vector<RunnerJob> jobs;
  for (const std::string& name : restarted(plan)) {
    const UnitState* unit = observed.unit(name);
    if (unit == nullptr) continue;
    CCCI_TRY(std::vector<RunnerJob> of_unit, jobs_of(*unit));
    std::move(of_unit.begin(), of_unit.end(), std::back_inserter(jobs));
  }
  return jobs;
}

// What goes to the generation from anywhere on this host.
std::string command_to(const Generation& generation, bool published) {
  if (published) return "cc-ci rollback " + std::to_string(generation.number);
  if (generation.project.empty())
    return "cc-ci switch --system " + generation.system.substr(0, generation.system.find('-'));
  return "cc-ci -C " + base::shell_quoted(generation.project) + " switch " +
         base::shell_quoted(generation.host);
}

base::Result<void> require_other_runner(const Plan& plan, const Observed& observed,
                                        const std::string& command) {
  for (const std::string& name : restarted(plan)) {
    const UnitState* unit = observed.unit(name);
    const char* const connection = std::getenv("SSH_CONNECTION");
    if (unit == nullptr) continue;
    CCCI_TRY(const bool asked, is_asked_by(*unit, connection == nullptr ? "" : connection));
    if (asked)
      return base::unexpected(
          base::fail("activate.own-runner").with("unit", name).with("command", command));
  }
  return {};
}

std::string list_of(const std::vector<RunnerJob>& jobs) {
  std::vector<std::string> lines;
  for (const RunnerJob& job : jobs) lines.push_back(describe(job));
  return base::join(lines, "\n");
}

}  // namespace

base::Result<void> Switcher::require_possible(const Plan& plan, const Generation& before,
                                              const Generation& after,
                                              const Observed& observed) const {
  if (plan.empty()) return {};
  CCCI_CHECK(require_writable(generations_.layout(), {before, after}));
  // systemd-analyze looks at this machine. The way out of cc-ci must not be closed by a runner.
  if (!generations_.layout().real() || after.number == 0) return {};
  return require_conditions(edges_.processes, restarted(plan), observed);
}

base::Result<Plan> Switcher::plan_in_peace(const Generation& before, const Target& target,
                                           Jobs jobs, std::chrono::seconds limit, bool dry_run,
                                           Observed& observed) {
  const base::Clock::Time end = edges_.clock.now() + limit;
  for (std::size_t told = 0;;) {
    CCCI_TRY(observed, observe(generations_, edges_.systemd, before, target.generation));
    CCCI_TRY(Plan plan, make_plan(observed, before, target.generation, target.published));
    auto busy = jobs_at_work(plan, observed);  // whoever kills them need not see them
    if (!busy && jobs != Jobs::kill) return base::unexpected(std::move(busy).error());
    plan.busy = std::move(busy).value_or(std::vector<RunnerJob>());
    if (dry_run || jobs == Jobs::kill) return plan;
    CCCI_CHECK(
        require_other_runner(plan, observed, command_to(target.generation, target.published)));
    if (plan.busy.empty()) return plan;
    if (edges_.interrupted()) return base::unexpected(base::fail("activate.interrupted"));
    if (jobs == Jobs::refuse || edges_.clock.now() >= end) {
      return base::unexpected(base::fail("activate.jobs", base::Condition::refused)
                                  .with("count", base::counted(plan.busy.size(), "job"))
                                  .with("jobs", list_of(plan.busy)));
    }
    if (std::exchange(told, plan.busy.size()) != plan.busy.size()) {
      edges_.progress.note("waiting until runners have ended their jobs");
      for (const RunnerJob& job : plan.busy) edges_.progress.note(describe(job));
    }
    edges_.pause(std::chrono::seconds(1));
  }
}

base::Result<std::vector<Complaint>> Switcher::apply_and_check(
    const Target& target, const Observed& observed, const Plan& plan, std::string& refusals,
    std::optional<std::chrono::seconds> deadline) {
  Applier applier(generations_, edges_.systemd, edges_.progress, disk_);
  CCCI_CHECK(applier.apply(plan, target.generation, target.texts, edges_.interrupted));
  refusals = applier.refusals();
  HealthQuestion asked = question(target.generation, plan, observed);
  // Nothing was changed since the units were observed, so the good ones are not checked again.
  if (plan.empty()) {
    std::erase_if(asked.units, [&](const std::string& unit) {
      const UnitState* state = observed.unit(unit);
      return state != nullptr && state->load == "loaded" && state->active == "active";
    });
  }
  if (deadline) asked.deadline = *deadline;
  CCCI_TRY(std::vector<Complaint> complaints, check_health(edges_, asked));
  if (!complaints.empty() || plan.empty()) return complaints;
  if (confirmed_ && !confirmed_())
    return base::unexpected(base::fail("activate.unconfirmed", base::Condition::unconfirmed));
  CCCI_CHECK(applier.confirm(target.generation, true));
  return complaints;
}

base::Error Switcher::unhealthy(const std::vector<Complaint>& complaints,
                                const Generation& generation, const std::string& refusals) const {
  if (generation.number != 0 && !edges_.interrupted())
    generations_.mark_unhealthy(generation.number);
  const fs::path kept = keep_evidence(edges_.systemd, {generation, complaints, refusals, started_});
  std::vector<Complaint> told = complaints;
  for (Complaint& complaint : told) {
    if (!is_unit_name(complaint.subject)) continue;
    complaint.found += last_words(edges_.systemd.journal(complaint.subject, started_));
  }
  base::Error error = base::fail("activate.unhealthy", base::Condition::unhealthy)
                          .with("generation", generation.number == 0 ? "the host without cc-ci"
                                                                     : called(generation.number))
                          .with("reasons", lines_of(told));
  return kept.empty() ? error : std::move(error).with("evidence", kept.native());
}

base::Result<Switched> Switcher::activate_target(const Target& target, const Generation& before,
                                                 Switched done, const Observed& observed) {
  std::string refusals;
  const auto complaints = apply_and_check(target, observed, done.plan, refusals, deadline_);
  if (complaints && complaints->empty()) return done;
  base::Error reason =
      complaints ? unhealthy(*complaints, target.generation, refusals) : complaints.error();
  if (complaints && edges_.interrupted()) reason = base::fail("activate.interrupted");
  // Goes back to the generation that was confirmed last. This is `before`, except if a killed
  // switch activated `before` and never confirmed it.
  const std::uint64_t back = generations_.confirmed();
  if (back == target.generation.number) return base::unexpected(std::move(reason));
  auto generation = generations_.salvage(back);
  if (!generation) generation = before;
  return base::unexpected(undo(std::move(reason), target.generation, *generation));
}

base::Result<std::vector<Complaint>> Switcher::restore(const Generation& before,
                                                       const Generation& failed) {
  const Target target{before, {}, true};
  // If the failure came before `activate`, `before` is still current, and only the links and timers
  // must be restored.
  const auto current = generations_.current();
  const Generation& from = current && *current == failed.number ? failed : before;
  CCCI_TRY(const Observed observed, observe(generations_, edges_.systemd, failed, before));
  CCCI_TRY(const Plan plan, make_plan(observed, from, before, true));
  // The user's signal has already stopped the switch. It must not stop the way back too.
  edges_.interrupted = [] { return false; };
  confirmed_ = nullptr;  // the way back needs no confirmation
  std::string refusals;
  CCCI_TRY(std::vector<Complaint> complaints,
           apply_and_check(target, observed, plan, refusals, deadline_));
  // These complaints existed before the switch or have a cause outside of it. The generation is
  // active all the same, so it is confirmed.
  if (!complaints.empty()) {
    Applier applier(generations_, edges_.systemd, edges_.progress, disk_);
    CCCI_CHECK(applier.confirm(before, false));
  }
  return complaints;
}

base::Error Switcher::undo(base::Error reason, const Generation& failed, const Generation& before) {
  const auto complaints = restore(before, failed);
  if (!complaints) {
    base::Error error = base::fail("activate.stranded").with("generation", called(before.number));
    if (before.number != 0) error = std::move(error).with("number", std::to_string(before.number));
    error.also = {std::move(reason), complaints.error()};
    return error;
  }
  std::string back = called(before.number);
  if (!complaints->empty()) back += ", which is not healthy either\n" + lines_of(*complaints);
  if (reason.is(base::Condition::unhealthy)) return std::move(reason).with("back", back);
  base::Error error = base::fail("activate.undone", base::Condition::reverted)
                          .with("what", way_to(failed.number))
                          .with("back", back);
  error.also = {std::move(reason)};
  return error;
}

base::Result<std::uint64_t> Switcher::previous() const {
  CCCI_TRY(const std::uint64_t current, generations_.current());
  if (current == 0) return base::unexpected(base::fail("activate.nothing"));
  std::uint64_t previous = 0;
  std::uint64_t healthy = 0;
  CCCI_TRY(const std::vector<std::uint64_t> numbers, generations_.numbers());
  for (const std::uint64_t number : numbers) {
    const Generations::Mark mark = generations_.mark(number);
    if (number >= current || mark == Generations::Mark::unhealthy) continue;
    previous = number;
    if (mark == Generations::Mark::healthy) healthy = number;
  }
  // Versions before this one left no marks.
  return healthy != 0 ? healthy : previous;
}

base::Result<Switched> Switcher::roll_back(const RollbackRequest& request) {
  const std::uint64_t number = request.number;
  const Generation before = generations_.standing();
  CCCI_TRY(const Generation after, generations_.read(number));
  std::error_code error;
  if (number != 0 && !fs::exists(fs::path(after.system_path) / "system.json", error)) {
    return base::unexpected(base::fail("activate.gone")
                                .with("number", std::to_string(number))
                                .with("path", after.system_path));
  }
  if (!generations_.intact(after)) {
    return base::unexpected(base::fail("activate.altered")
                                .with("number", std::to_string(number))
                                .with("path", generations_.layout().generation(number).native()));
  }
  Observed observed;
  CCCI_TRY(Plan plan, plan_in_peace(before, {after, {}, true}, request.jobs, request.jobs_limit,
                                    request.dry_run, observed));
  CCCI_CHECK(require_possible(plan, before, after, observed));
  Switched done{before, after, std::move(plan), std::nullopt};
  if (request.announce) request.announce(done.plan, done.after);
  if (request.dry_run) return done;
  std::string refusals;
  deadline_ = request.deadline;
  auto complaints = apply_and_check({after, {}, true}, observed, done.plan, refusals, deadline_);
  // Does not stop half-way: undo also starts the paused timers again.
  if (!complaints) return base::unexpected(undo(complaints.error(), after, before));
  if (complaints->empty()) return done;
  base::Error reason = unhealthy(*complaints, after, refusals);
  // The way out of cc-ci must not be closed by what ails the host itself.
  if (after.number == 0 || before.number == 0) return base::unexpected(std::move(reason));
  return base::unexpected(undo(std::move(reason), after, before));
}

}  // namespace ccci::activate
