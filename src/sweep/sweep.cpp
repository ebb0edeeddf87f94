// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/sweep.hpp"

#include <fcntl.h>

#include <algorithm>
#include <deque>
#include <set>

#include "base/fd.hpp"
#include "base/files.hpp"
#include "base/lock_file.hpp"
#include "base/text.hpp"
#include "results/files.hpp"
#include "sweep/cause.hpp"
#include "sweep/night.hpp"
#include "sweep/outcome.hpp"
#include "sweep/run_files.hpp"

namespace ccci::sweep {

namespace {

namespace fs = std::filesystem;

// A run reaches its peak of memory late; until then its need is not yet missing from what is free.
constexpr std::chrono::seconds until_peak{60};
constexpr std::chrono::seconds grace{120};  // for the teardown of runs that were asked to stop

struct Waiting {
  const Job* job = nullptr;
  bool again = false;                         // the second run
  std::optional<history::Record> first = {};  // the red verdict before
  bool machine_failed_before = false;
};

struct Running {
  Waiting what;
  std::unique_ptr<JobProcess> process;
  fs::path out;
  Free free;
  base::WallTime began;
  base::Clock::Time began_tick;
  base::Fd lock;  // another sweep of this machine keeps away from the directory
};

// Empty: it fits.
std::string lack_of(const Need& need, const Free& free) {
  const auto text = [](std::uint64_t needed, const char* what, std::uint64_t there) {
    return "needs " + base::human_bytes(needed) + " of " + what + ", " + base::human_bytes(there) +
           " are free";
  };
  if (free.disk < need.disk) return text(need.disk, "disk", free.disk);
  if (free.memory < need.memory) return text(need.memory, "memory", free.memory);
  return {};
}

class Execution {
 public:
  Execution(const Plan& plan, const Setup& setup, history::History& history, Machine& machine,
            Watcher& watcher)
      : plan_(plan), setup_(setup), history_(history), machine_(machine), watcher_(watcher) {}

  base::Result<Swept> run() {
    CCCI_CHECK(begin());
    base::Result<void> done;
    while (done && (!waiting_.empty() || !running_.empty())) {
      if (!swept_.stopped && setup_.asked_to_stop()) ask_to_stop();
      if (swept_.stopped && running_.empty()) break;
      done = start_what_fits();
      if (done) done = take_ended();
      if (!running_.empty() || !waiting_.empty()) machine_.pause();
    }
    if (!done) {
      // The results cannot be stored. What runs is still taken down before this ends.
      ask_to_stop();
      while (!running_.empty()) {
        std::erase_if(running_, [](Running& one) { return one.process->ended().has_value(); });
        machine_.pause();
        kill_what_is_late();
      }
      return base::unexpected(std::move(done).error());
    }
    if (!swept_.stopped) CCCI_CHECK(end_if_done(history_, plan_, machine_.now()));
    return std::move(swept_);
  }

 private:
  base::Result<void> begin() {
    std::vector<history::PlannedRecipe> planned;
    for (const Job& job : plan_.jobs) {
      const Decision& decision = job.decision;
      planned.push_back({decision.recipe, decision.run, decision.reason, decision.version});
      const auto done = plan_.done.find(decision.recipe);
      if (done != plan_.done.end()) {
        swept_.records.emplace(decision.recipe, done->second);
      } else if (decision.run) {
        waiting_.push_back({&job});
      }
    }
    CCCI_CHECK(history_.begin(
        {plan_.night, plan_.started, {}, plan_.environment, setup_.machine, plan_.partial},
        planned));
    for (const Job& job : plan_.jobs) {
      if (!job.decision.run || job.decision.problem.empty()) continue;
      if (!swept_.records.contains(job.decision.recipe)) CCCI_CHECK(store_unfetched(job));
    }
    std::erase_if(waiting_, [](const Waiting& one) { return !one.job->decision.problem.empty(); });
    return {};
  }

  base::Result<void> store_unfetched(const Job& job) {
    history::Record record{
        .recipe = job.decision.recipe, .night = plan_.night, .environment = plan_.environment};
    record.started = base::rfc3339(machine_.now());
    record.verdict = history::Verdict::fail;
    record.reason = "cannot be fetched: " + job.decision.problem;
    record.decision = job.decision.reason;
    return store(std::move(record), false, job, machine_.free(setup_.directory));
  }

  void ask_to_stop() {
    swept_.stopped = true;
    stop_asked_ = machine_.tick();
    for (Running& one : running_) one.process->stop();
  }

  void kill_what_is_late() {
    if (!swept_.stopped || machine_.tick() - stop_asked_ < grace) return;
    for (Running& one : running_) one.process->kill();
  }

  // What the young runs will still take is not there for another one.
  Free free_now() {
    Free free = machine_.free(setup_.directory);
    for (const Running& one : running_) {
      if (machine_.tick() - one.began_tick > until_peak) continue;
      free.memory -= std::min(free.memory, one.what.job->need.memory);
      free.disk -= std::min(free.disk, one.what.job->need.disk);
    }
    return free;
  }

  base::Result<void> start_what_fits() {
    while (!swept_.stopped && !waiting_.empty() && running_.size() < setup_.jobs) {
      const Waiting next = waiting_.front();
      CCCI_TRY(const bool known, take_known(next));
      if (known) continue;
      const Free free = free_now();
      const std::string lack = lack_of(next.job->need, free);
      if (!lack.empty()) return wait_for_room(next, lack);
      CCCI_TRY(base::Fd lock, lock_run(next));
      if (!lock) return {};
      waits_since_.reset();
      waiting_.pop_front();
      CCCI_CHECK(start(next, free, std::move(lock)));
    }
    return {};
  }

  // Another sweep may have delivered the verdict since this one was planned.
  base::Result<bool> take_known(const Waiting& next) {
    const std::string recipe = next.job->decision.recipe;
    CCCI_TRY(auto record, history_.find(recipe, plan_.night, plan_.environment));
    if (!record) return false;
    waiting_.pop_front();
    watcher_.end(*record);
    swept_.records.insert_or_assign(recipe, std::move(*record));
    return true;
  }

  // No descriptor: another sweep of this machine tests the recipe for the same night. Then it is
  // tried after the others.
  base::Result<base::Fd> lock_run(const Waiting& next) {
    const fs::path runs = runs_of(setup_.directory, plan_.night);
    CCCI_CHECK(base::make_directories(runs));
    CCCI_TRY(const base::Fd directory, base::open_path(runs, O_PATH | O_DIRECTORY));
    const std::string& recipe = next.job->decision.recipe;
    CCCI_TRY(base::Fd lock, base::open_lock_file(directory.get(), recipe + std::string(lock_file)));
    if (base::try_lock(lock.get(), base::LockMode::exclusive)) return lock;
    if (elsewhere_.insert(recipe).second)
      watcher_.wait(recipe, "another sweep tests it: " + base::lock_holder(lock.get()));
    std::rotate(waiting_.begin(), waiting_.begin() + 1, waiting_.end());
    return base::Fd();
  }

  base::Result<void> wait_for_room(const Waiting& next, const std::string& lack) {
    const std::string& recipe = next.job->decision.recipe;
    if (!waits_since_) {
      waits_since_ = machine_.tick();
      watcher_.wait(recipe, lack);
    }
    // As long as another run goes on, room may come.
    if (!running_.empty()) {
      waits_since_ = machine_.tick();
      return {};
    }
    if (machine_.tick() - *waits_since_ < setup_.patience) return {};
    waits_since_.reset();
    const Job& job = *next.job;
    waiting_.pop_front();
    swept_.machine_failed = true;
    history::Record record{
        .recipe = recipe, .night = plan_.night, .environment = plan_.environment};
    record.started = base::rfc3339(machine_.now());
    record.reason = "it does not fit on this machine: " + lack;
    record.version = job.decision.version;
    record.commit = job.decision.commit;
    record.decision = job.decision.reason;
    return store(std::move(record), false, job, machine_.free(setup_.directory));
  }

  base::Result<void> start(const Waiting& what, const Free& free, base::Fd lock) {
    const Decision& decision = what.job->decision;
    const fs::path out = runs_of(setup_.directory, plan_.night) /
                         (decision.recipe + (what.again ? std::string(second_run) : std::string()));
    // What a killed sweep left there belongs to no verdict.
    CCCI_CHECK(base::remove_tree(out));
    CCCI_CHECK(base::make_directories(out));
    std::vector<std::string> argv = setup_.test;
    argv.push_back(setup_.operands.at(decision.recipe));
    if (!decision.tag.empty()) argv.insert(argv.end(), {"--ref", decision.tag});
    if (!decision.base.empty()) argv.insert(argv.end(), {"--base", decision.base});
    argv.insert(argv.end(), {"--out", out.native()});
    if (setup_.snapshots != nullptr) argv.emplace_back("--keep-backup");
    watcher_.begin(decision.recipe, what.again);
    CCCI_TRY(std::unique_ptr<JobProcess> process, machine_.start(argv, out / "output.txt"));
    running_.push_back(
        {what, std::move(process), out, free, machine_.now(), machine_.tick(), std::move(lock)});
    return {};
  }

  base::Result<void> take_ended() {
    kill_what_is_late();
    for (std::size_t i = 0; i < running_.size();) {
      const std::optional<int> status = running_[i].process->ended();
      if (!status) {
        ++i;
        continue;
      }
      Running ended = std::move(running_[i]);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      CCCI_CHECK(judge(ended, *status));
    }
    return {};
  }

  base::Result<void> judge(const Running& ended, int status) {
    const Job& job = *ended.what.job;
    RunOutcome outcome = outcome_of(job, plan_.environment, status, read_results(ended.out),
                                    last_line(ended.out / "output.txt"));
    // Stopped by somebody else: the night goes on with it, once.
    if (outcome.stopped && swept_.stopped) return {};
    if (outcome.stopped) {
      outcome.machine_failed = true;
      outcome.record.verdict = history::Verdict::unverified;
      outcome.record.reason = "a signal stopped the run";
    }
    history::Record& record = outcome.record;
    record.night = plan_.night;
    record.place = ended.out.native();
    if (record.started.empty()) record.started = base::rfc3339(ended.began);
    const bool red = record.verdict == history::Verdict::fail || outcome.machine_failed;
    // What was read in the recipe's files stays red. All else may be flaky.
    const bool settled = outcome.settled && !outcome.machine_failed;
    if (red && !settled && !ended.what.again && !swept_.stopped) {
      waiting_.push_front({&job, true, record, outcome.machine_failed});
      return {};
    }
    if (ended.what.again) settle_second(ended.what, record);
    if (outcome.machine_failed) swept_.machine_failed = true;
    const bool cold = !outcome.dirty && record.commit == job.decision.commit;
    return store(std::move(record), cold, job, ended.free);
  }

  // Red and then green is flaky. A machine that failed first says nothing about the recipe.
  static void settle_second(const Waiting& what, history::Record& record) {
    if (record.verdict != history::Verdict::pass || what.machine_failed_before) return;
    record.verdict = history::Verdict::flaky;
    record.reason = "failed first: " + what.first->reason;
  }

  // `cold`: of a released version, as it is in its repository.
  base::Result<void> store(history::Record record, bool cold, const Job& job, const Free& free) {
    record.machine = setup_.machine;
    record.settings = job.settings;
    const bool green = record.verdict == history::Verdict::pass;
    record.promoted = green && cold && !record.version.empty();
    if (!green) {
      CCCI_TRY(record.cause, cause_of(record, job, free));
    }
    auto added = promote(record);
    if (!added && record.promoted) {
      // Verdict, canonical and its data are kept together or not at all.
      record.promoted = false;
      record.verdict = history::Verdict::fail;
      record.reason = "green, but promotion failed: " + std::string(added.error().field("problem"));
      // First the files: whoever imports them elsewhere must not take a green one.
      CCCI_CHECK(results::fail_promotion(record.place, record.reason));
      added = history_.add(record);
    }
    if (setup_.snapshots != nullptr && !record.place.empty())
      CCCI_CHECK(base::remove_tree(fs::path(record.place) / backup_name));
    if (!added) return base::unexpected(std::move(added).error());
    if (!*added) {
      // Another machine was faster: its verdict counts.
      CCCI_TRY(auto stored, history_.find(record.recipe, record.night, record.environment));
      if (stored) record = std::move(*stored);
    }
    watcher_.end(record);
    swept_.records.insert_or_assign(record.recipe, record);
    return {};
  }

  // First the data, then the record that names it: a kill between them leaves a snapshot that is
  // nobody's, never a canonical without its data.
  base::Result<bool> promote(const history::Record& record) {
    std::string snapshot;
    if (record.promoted && setup_.snapshots != nullptr) {
      CCCI_TRY(snapshot, setup_.snapshots->take(record, fs::path(record.place) / backup_name));
    }
    return history_.add(record, snapshot);
  }

  // Only of what was green before. Nights that say nothing do not count.
  base::Result<std::string> cause_of(const history::Record& record, const Job& job,
                                     const Free& free) const {
    constexpr std::size_t most = 10;
    CCCI_TRY(const std::vector<history::Record> past, history_.of_recipe(record.recipe, most));
    for (const history::Record& before : past) {
      if (before.verdict == history::Verdict::unverified) continue;
      if (before.verdict != history::Verdict::pass) break;
      return likely_cause(before, record, job.need, free);
    }
    return std::string();
  }

  const Plan& plan_;
  const Setup& setup_;
  history::History& history_;
  Machine& machine_;
  Watcher& watcher_;
  std::deque<Waiting> waiting_;
  std::set<std::string> elsewhere_;  // recipes that another sweep was seen to test
  std::vector<Running> running_;
  std::optional<base::Clock::Time> waits_since_;
  base::Clock::Time stop_asked_;
  Swept swept_;
};

}  // namespace

base::Result<Swept> execute(const Plan& plan, const Setup& setup, history::History& history,
                            Machine& machine, Watcher& watcher) {
  return Execution(plan, setup, history, machine, watcher).run();
}

int exit_status(const Plan& plan, const Swept& swept) {
  constexpr int stopped = 143;
  constexpr int red = 1;
  constexpr int machine = 3;
  constexpr int unproven = 4;
  if (swept.stopped) return stopped;
  bool unverified = false;
  for (const Job& job : plan.jobs) {
    const auto record = swept.records.find(job.decision.recipe);
    if (record == swept.records.end()) continue;
    if (record->second.verdict == history::Verdict::fail) return red;
    unverified = unverified || record->second.verdict != history::Verdict::pass;
  }
  if (swept.machine_failed) return machine;
  return unverified ? unproven : 0;
}

}  // namespace ccci::sweep
