// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/sweep.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/lock_file.hpp"
#include "base/text.hpp"
#include "job/images_now.hpp"
#include "job/kept.hpp"
#include "project/build.hpp"
#include "project/resolve.hpp"
#include "run/work.hpp"
#include "sweep/catalogue.hpp"
#include "sweep/page.hpp"
#include "sweep/run_files.hpp"
#include "wording/message.hpp"

namespace ccci::job {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t bars = 30;  // runs in the history of the page
// A service that is told to stop waits for it.
constexpr std::chrono::minutes notify_patience{1};

// Builds the environment of another state of the declaration.
base::Result<std::string> digest_of(const fs::path& file, const project::Context& context) {
  CCCI_TRY(const project::Project project, project::open(file));
  CCCI_TRY(const lock::Lock lock, project::lock_for_build(project, context, false));
  CCCI_TRY(store::Store store, store::Store::open(context.state));
  store.report_to(context.progress);
  CCCI_TRY(const host::Build built, project::build(project, context, store, lock, {}));
  return built.environment.digest;
}

// Leaves the recipes of the order.
base::Result<void> keep_only(const std::set<std::string>& only, sweep::Enrolment& enrolment) {
  const std::vector<std::string> known = base::keys_of(enrolment.recipes);
  for (const std::string& name : only) {
    if (enrolment.recipes.contains(name)) continue;
    return base::unexpected(base::fail("sweep.unknown-recipe")
                                .with("name", name)
                                .with("likely", base::likely(name, known))
                                .with("known", base::join(known, ", ")));
  }
  if (only.empty()) return {};
  std::erase_if(enrolment.recipes, [&](const auto& one) { return !only.contains(one.first); });
  return {};
}

base::Result<sweep::Past> past_of(const history::History& history, const sweep::Plan& plan) {
  sweep::Past past;
  for (const sweep::Job& job : plan.jobs) {
    CCCI_TRY(past[job.decision.recipe], history.of_recipe(job.decision.recipe, bars));
  }
  return past;
}

}  // namespace

base::Result<Sweep> Sweep::open(project::Project project, SweepOrder order, Caller caller) {
  if (order.acts && geteuid() != 0) return base::unexpected(base::fail("engine.not-root"));
  Sweep sweep(std::move(project), std::move(order), std::move(caller));
  CCCI_CHECK(sweep.enrol());
  // Only in a state that is root's own.
  if (sweep.order_.acts) CCCI_CHECK(store::Store::look(sweep.caller_.state()));
  if (sweep.order_.acts && sweep.order_.only.empty()) CCCI_CHECK(sweep.take_lock());
  // Damaged results are told before minutes are spent on the environment.
  CCCI_CHECK(sweep.open_results());
  CCCI_CHECK(sweep.make_environment());
  sweep.setup_ = sweep.make_setup();
  return sweep;
}

base::Result<void> Sweep::enrol() {
  const sweep::Refresh refresh = caller_.context.offline ? sweep::Refresh::never
                                 : order_.acts           ? sweep::Refresh::keep
                                                         : sweep::Refresh::look;
  CCCI_TRY(enrolment_,
           sweep::load_enrolled(project_.declaration, project_.directory(), caller_.state(),
                                refresh, base::real_processes(), caller_.context.progress));
  for (const std::string& note : enrolment_.notes) caller_.warn(note);
  return keep_only(order_.only, enrolment_);
}

// Held until the sweep ends. A sweep of some recipes only may run beside another one: each recipe
// has its one verdict by the key of the results.
base::Result<void> Sweep::take_lock() {
  const fs::path locks = caller_.state() / "locks";
  CCCI_CHECK(base::make_directories(locks));
  CCCI_TRY(const base::Fd directory, base::open_path(locks, O_PATH | O_DIRECTORY));
  CCCI_TRY(lock_, base::open_lock_file(directory.get(), "sweep"));
  if (base::try_lock(lock_.get(), base::LockMode::exclusive)) return {};
  const std::string holder = base::lock_holder(lock_.get());
  return base::unexpected(
      base::fail("sweep.busy", base::Condition::busy)
          .with("holder", holder.empty() ? "a process that cannot be seen from here" : holder));
}

// Builds it; for a look only as far as it is known.
base::Result<void> Sweep::make_environment() {
  const bool acts = order_.acts;
  auto locked = project::lock_for_build(project_, caller_.context, acts);
  // A look needs no lock: then the environment is not known yet. A lock that cannot be read is a
  // mistake all the same.
  const bool not_made = !locked && (locked.error().is(base::Condition::not_found) ||
                                    locked.error().is(base::Condition::mismatch));
  if (not_made && !acts) {
    unknown_ = locked.error().is(base::Condition::not_found)
                   ? "there is no lock yet, so nobody knows the environment and the images"
                   : "the lock is older than the declaration, so nobody knows the environment and "
                     "the images";
    return {};
  }
  CCCI_TRY(locked_, std::move(locked));
  const lock::Lock& lock = *locked_;
  auto opened = acts ? store::Store::open(caller_.context.state) : caller_.look_at_store();
  if (!opened && !acts) return {};
  CCCI_TRY(store::Store store, std::move(opened));
  store.report_to(caller_.context.progress);
  if (acts) {
    CCCI_TRY(built_, project::build(project_, caller_.context, store, lock, {}));
  } else {
    CCCI_TRY(built_, project::plan(project_, caller_.context, store, lock, {}));
  }
  if (built_) environment_ = built_->environment.digest;
  return {};
}

base::Result<void> Sweep::open_results() {
  auto opened =
      history::History::open(project_.declaration.sweep.results, caller_.state(),
                             order_.acts ? history::Access::write : history::Access::read);
  if (!opened && !order_.acts && opened.error().is(base::Condition::not_found)) return {};
  CCCI_TRY(history_, std::move(opened));
  return {};
}

sweep::Setup Sweep::make_setup() const {
  sweep::Setup setup;
  setup.directory = caller_.state() / "sweeps";
  setup.machine = project::machine_name();
  setup.jobs = order_.jobs;
  setup.asked_to_stop = caller_.asked_to_stop;
  setup.test = {fs::canonical("/proc/self/exe").native(), "--file",
                fs::absolute(project_.file).native(), "--state", caller_.state().native()};
  if (caller_.context.offline) setup.test.emplace_back("--offline");
  setup.test.emplace_back("test");
  for (const auto& [name, recipe] : enrolment_.recipes) {
    const auto declared = project_.declaration.recipes.find(name);
    const bool has_source =
        declared != project_.declaration.recipes.end() && !declared->second.source.empty();
    // All recipes of a sweep are those of one reading of the catalogue.
    setup.operands[name] = has_source ? name
                           : recipe.source.find(':') == std::string::npos
                               ? fs::absolute(project_.directory() / recipe.source).native()
                               : recipe.source;
  }
  return setup;
}

base::Result<sweep::Plan> Sweep::plan() const {
  sweep::Request request = order_.request;
  request.environment = environment_;
  request.unknown = unknown_;
  declare::Declaration asked = project_.declaration;
  asked.recipes = enrolment_.recipes;
  CCCI_TRY(const run::Work directory, order_.acts
                                          ? run::Work::make(caller_.state() / "runs", "look")
                                          : run::Work::temporary("look"));
  auto candidates =
      sweep::look(asked, enrolment_, project_.directory(), directory.directory(),
                  caller_.context.offline, base::real_processes(), caller_.context.progress);
  for (auto& [name, candidate] : candidates) {
    candidate.settings = declare::setting_digests(name, project_.declaration);
    if (const std::string why = sweep::why_never_released(candidate); !why.empty())
      caller_.warn(name + " was never released: " + base::printable(why));
  }
  // With the dependencies of a recipe that alone is asked for.
  sweep::Enrolled recipes = enrolment_.recipes;
  recipes.insert(project_.declaration.recipes.begin(), project_.declaration.recipes.end());
  ImagesNow images(project_, recipes, caller_, locked_ ? &*locked_ : nullptr, order_.acts);
  return sweep::make_plan(
      enrolment_.recipes, std::move(candidates), request, history_ ? &*history_ : nullptr,
      [&](const std::string& recipe, const history::Record& last) {
        return images.of(recipe, last);
      },
      [&](const std::string& recipe, const std::string& tag) {
        const bool release = sweep::is_a_release(asked, project_.directory(), recipe, tag,
                                                 directory.directory(), base::real_processes());
        if (!release)
          caller_.warn(recipe + ": tag " + base::printable(tag) +
                       " leads to no commit, so it is no release");
        return release;
      });
}

// The reports of the night, with the recipes of other calls too. Several calls for one night may
// end at the same time: the last one to write has read all verdicts.
base::Result<void> Sweep::write_reports(const sweep::Plan& plan) const {
  CCCI_TRY(const base::Fd place, base::open_path(directory(plan), O_PATH | O_DIRECTORY));
  CCCI_TRY(const base::Fd lock, base::open_lock_file(place.get(), ".reports"));
  CCCI_CHECK(base::take_lock(lock.get(), base::LockMode::exclusive,
                             {"of the night's reports", caller_.context.progress}));
  CCCI_TRY(const sweep::Plan whole, sweep::whole_night(*history_, plan));
  CCCI_TRY(const sweep::Past past, past_of(*history_, whole));
  sweep::Swept known{.records = whole.done};
  known.stopped = std::any_of(whole.jobs.begin(), whole.jobs.end(), [&](const sweep::Job& job) {
    return job.decision.run && !whole.done.contains(job.decision.recipe);
  });
  return sweep::write_files(whole, known, past, evidences(known), directory(plan));
}

// Where the data of canonicals is kept, if the declaration names a place.
base::Result<void> Sweep::open_snapshots() {
  const declare::Sweep& settings = project_.declaration.sweep;
  if (settings.snapshots.empty()) return {};
  constexpr const char* restic = "/usr/bin/restic";
  std::error_code error;
  if (!fs::exists(built_->environment.root / fs::path(restic).relative_path(), error)) {
    return base::unexpected(
        base::fail("run.no-program").with("program", restic).with("package", "restic"));
  }
  CCCI_TRY(std::string file,
           sweep::snapshots_password(settings.snapshots_password, caller_.state()));
  snapshots_ = std::make_unique<sweep::ResticSnapshots>(
      sweep::ResticSnapshots::Setup{settings.snapshots,
                                    std::move(file),
                                    {built_->inside.path, restic},
                                    project::machine_name()},
      base::real_processes(), sweep::this_machine());
  return snapshots_->open();
}

base::Result<sweep::Swept> Sweep::run(const sweep::Plan& plan, sweep::Watcher& watcher) {
  if (plan.to_run() > 0) {
    CCCI_CHECK(open_snapshots());
    // A damaged file would lose the verdicts of hours. With nothing to run the look is not worth
    // it.
    CCCI_CHECK(history_->check());
  }
  warn_of_kept(caller_);
  CCCI_TRY(const auto closed, sweep::close_old(*history_, plan, sweep::this_machine().now()));
  for (const std::string& night : closed)
    caller_.warn("night " + base::printable(night) +
                 " was not finished in time: what it had not run is unverified in it");
  CCCI_CHECK(base::make_directories(directory(plan)));
  sweep::Setup setup = setup_;
  setup.snapshots = snapshots_.get();
  CCCI_TRY(sweep::Swept swept,
           sweep::execute(plan, setup, *history_, sweep::this_machine(), watcher));
  CCCI_CHECK(write_reports(plan));
  return swept;
}

base::Result<void> Sweep::notify(const sweep::Plan& plan, const sweep::Swept& swept) const {
  const declare::Sweep& settings = project_.declaration.sweep;
  if (settings.notify.empty() || !sweep::is_news(plan, swept, settings.notify_when)) return {};
  base::Command command;
  command.argv = settings.notify;
  const auto entrypoint = built_->entrypoints.find(command.argv.front());
  if (entrypoint != built_->entrypoints.end()) command.argv.front() = entrypoint->second.path;
  command.input = sweep::to_json(plan, swept, evidences(swept)).dump(2) + "\n";
  command.time_limit = notify_patience;
  const auto started = base::real_processes().run(command);
  if (!started)
    return base::unexpected(base::fail("sweep.notify-start")
                                .with("command", base::join(settings.notify, " "))
                                .with("problem", wording::one_line(started.error())));
  const base::Outcome& outcome = *started;
  if (outcome.status == 0) return {};
  return base::unexpected(
      base::fail("sweep.notify")
          .with("command", base::join(settings.notify, " "))
          .with("status", static_cast<long long>(outcome.status))
          .with("problem", outcome.timed_out                 ? "it ran for a minute and was killed"
                           : base::trim(outcome.err).empty() ? "it said nothing on stderr"
                                                             : base::trim(outcome.err)));
}

base::Result<void> Sweep::finish(const sweep::Plan& plan, const sweep::Swept& swept) {
  const base::WallTime now = sweep::this_machine().now();
  const declare::Sweep& settings = project_.declaration.sweep;
  if (const auto told = notify(plan, swept); !told) caller_.warn(wording::one_line(told.error()));
  CCCI_CHECK(sweep::prune(*history_, setup_.machine, setup_.directory, settings.keep,
                          settings.keep_size, now));
  if (!snapshots_) return {};
  CCCI_TRY(const auto canonicals, history_->canonicals());
  // That it fails changes no verdict: the next sweep tries again.
  if (const auto done = snapshots_->tidy(canonicals, now); !done)
    caller_.warn(wording::one_line(done.error()));
  return {};
}

base::Result<sweep::Found> Sweep::bisect(const std::string& recipe) {
  const fs::path state = caller_.state();
  CCCI_TRY(const run::Work work, run::Work::make(state / "runs", "bisect"));
  declare::Declaration asked = project_.declaration;
  asked.recipes = enrolment_.recipes;
  CCCI_TRY(run::Source source, run::find_source(recipe, asked, project_.directory()));
  const sweep::Search search{
      .setup = setup_,
      .recipe = recipe,
      .source = std::move(source),
      .file = fs::absolute(project_.file),
      .environment = environment_,
      .files = state / "bisect" / recipe,
      .work = work.directory(),
      .digest_of = [&](const fs::path& file) { return digest_of(file, caller_.context); },
      .settings = declare::setting_digests(recipe, project_.declaration),
      .settings_of = [&](const fs::path& file) -> base::Result<std::string> {
        CCCI_TRY(const project::Project project, project::open(file));
        return sweep::setting_text(declare::setting_digests(recipe, project.declaration));
      }};
  return sweep::search(search, *history_, sweep::this_machine(), caller_.context.progress);
}

}  // namespace ccci::job
