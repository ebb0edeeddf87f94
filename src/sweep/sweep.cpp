// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/sweep.hpp"

#include <algorithm>
#include <deque>

#include "base/files.hpp"
#include "base/text.hpp"
#include "sweep/cause.hpp"
#include "sweep/outcome.hpp"

namespace ccci::sweep {

namespace {

namespace fs = std::filesystem;

// A run reaches its peak of memory late; until then its need is not yet missing from what is free.
constexpr std::chrono::seconds until_peak{60};
constexpr std::chrono::seconds grace{120};  // for the teardown of runs that were asked to stop

constexpr std::string_view second_run = ".again";

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
};

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
    if (!swept_.stopped) CCCI_CHECK(history_.end(plan_.night, base::rfc3339(machine_.now())));
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
    CCCI_CHECK(history_.begin({plan_.night, plan_.started, {}, plan_.environment, setup_.machine},
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
      const Need& need = next.job->need;
      const Free free = free_now();
      std::string lack;
      if (free.memory < need.memory)
        lack = "needs " + base::human_bytes(need.memory) + " of memory, " +
               base::human_bytes(free.memory) + " are free";
      if (free.disk < need.disk)
        lack = "needs " + base::human_bytes(need.disk) + " of disk, " +
               base::human_bytes(free.disk) + " are free";
      if (!lack.empty()) return wait_for_room(next, lack);
      waits_since_.reset();
      waiting_.pop_front();
      CCCI_CHECK(start(next, free));
    }
    return {};
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

  base::Result<void> start(const Waiting& what, const Free& free) {
    const Decision& decision = what.job->decision;
    const fs::path out = setup_.directory / plan_.night /
                         (decision.recipe + (what.again ? std::string(second_run) : std::string()));
    // What a killed sweep left there belongs to no verdict.
    CCCI_CHECK(base::remove_tree(out));
    CCCI_CHECK(base::make_directories(out));
    std::vector<std::string> argv = setup_.test;
    argv.push_back(setup_.operands.at(decision.recipe));
    if (!decision.tag.empty()) argv.insert(argv.end(), {"--ref", decision.tag});
    if (!decision.base.empty()) argv.insert(argv.end(), {"--base", decision.base});
    argv.insert(argv.end(), {"--out", out.native()});
    watcher_.begin(decision.recipe, what.again);
    CCCI_TRY(std::unique_ptr<JobProcess> process, machine_.start(argv, out / "output.txt"));
    running_.push_back({what, std::move(process), out, free, machine_.now(), machine_.tick()});
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
      const Running ended = std::move(running_[i]);
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
    if (red && !ended.what.again && !swept_.stopped) {
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
    const bool green = record.verdict == history::Verdict::pass;
    record.promoted = green && cold && !record.version.empty();
    if (!green) {
      CCCI_TRY(record.cause, cause_of(record, job, free));
    }
    auto added = history_.add(record);
    if (!added && record.promoted) {
      // Verdict and canonical are stored together or not at all.
      record.promoted = false;
      record.verdict = history::Verdict::fail;
      record.reason = "green, but promotion failed: " + std::string(added.error().field("problem"));
      added = history_.add(record);
    }
    if (!added) return base::unexpected(std::move(added).error());
    if (!*added) {
      // Another machine was faster: its verdict counts.
      CCCI_TRY(const std::vector<history::Record> stored, history_.of_night(plan_.night));
      for (const history::Record& one : stored) {
        const bool same = one.recipe == record.recipe && one.environment == record.environment;
        if (same) record = one;
      }
    }
    watcher_.end(record);
    swept_.records.insert_or_assign(record.recipe, record);
    return {};
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
  std::vector<Running> running_;
  std::optional<base::Clock::Time> waits_since_;
  base::Clock::Time stop_asked_;
  Swept swept_;
};

std::uint64_t bytes_below(const fs::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(directory, error)) {
    std::error_code gone;
    if (entry.is_symlink(gone) || !entry.is_regular_file(gone)) continue;
    const std::uint64_t size = entry.file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

bool is_below(const fs::path& path, const fs::path& directory) {
  const auto relative = path.lexically_normal().lexically_relative(directory.lexically_normal());
  return !relative.empty() && *relative.begin() != "..";
}

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

base::Result<std::uint64_t> prune(history::History& history, const std::string& machine,
                                  const fs::path& below, std::chrono::seconds keep,
                                  std::uint64_t keep_size, base::WallTime now) {
  CCCI_TRY(const std::vector<history::Record> records, history.with_files(machine));
  std::vector<std::uint64_t> sizes;
  std::uint64_t all = 0;
  for (const history::Record& record : records) {
    sizes.push_back(bytes_below(record.place));
    all += sizes.back();
  }
  std::uint64_t freed = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const history::Record& record = records[i];
    const auto when = base::from_rfc3339(record.started);
    const bool old = when && now - *when > keep;
    if (!old && all <= keep_size) continue;
    // The database may be shared and its text wrong: only what a sweep of this state made goes.
    if (!is_below(record.place, below)) continue;
    CCCI_CHECK(base::remove_tree(record.place));
    // The files of the first of two runs are beside those of the second.
    if (record.place.ends_with(second_run))
      CCCI_CHECK(
          base::remove_tree(record.place.substr(0, record.place.size() - second_run.size())));
    std::error_code error;
    fs::remove(fs::path(record.place).parent_path(), error);  // only an empty directory goes
    CCCI_CHECK(history.forget_files(record));
    all -= sizes[i];
    freed += sizes[i];
  }
  return freed;
}

}  // namespace ccci::sweep
