// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/files.hpp"
#include "base/lock_file.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/invocation.hpp"
#include "cli/open_store.hpp"
#include "cli/sweep_bisect.hpp"
#include "cli/sweep_options.hpp"
#include "cli/sweep_view.hpp"
#include "history/history.hpp"
#include "host/build.hpp"
#include "project/build.hpp"
#include "project/project.hpp"
#include "project/resolve.hpp"
#include "run/work.hpp"
#include "sweep/catalogue.hpp"
#include "sweep/night.hpp"
#include "sweep/page.hpp"
#include "sweep/pipeline.hpp"
#include "sweep/run_files.hpp"
#include "sweep/sweep.hpp"
#include "wording/message.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t bars = 30;  // runs in the history of the page
constexpr std::chrono::minutes notify_patience{5};

fs::path state_of(const Invocation& invocation) { return fs::absolute(invocation.globals().state); }

// What the environment is: built, or for a look only as far as it is known.
struct Ready {
  std::string environment;  // digest; empty: it is not built yet
  std::optional<host::Build> built;
};

base::Result<Ready> environment_of(Invocation& invocation, const project::Project& project,
                                   bool acts) {
  Ready ready;
  auto locked = project::lock_for_build(project, invocation.context(), acts);
  // A look needs no lock: then the environment is not known yet. A lock that cannot be read is a
  // mistake all the same.
  const bool not_made = !locked && (locked.error().is(base::Condition::not_found) ||
                                    locked.error().is(base::Condition::mismatch));
  if (not_made && !acts) return ready;
  CCCI_TRY(const lock::Lock lock, std::move(locked));
  auto opened = open_store(invocation, !acts);
  if (!opened && !acts) return ready;
  CCCI_TRY(store::Store store, std::move(opened));
  if (acts) {
    CCCI_TRY(ready.built, project::build(project, invocation.context(), store, lock, {}));
  } else {
    CCCI_TRY(ready.built, project::plan(project, invocation.context(), store, lock, {}));
  }
  if (ready.built) ready.environment = ready.built->environment.digest;
  return ready;
}

base::Result<std::optional<history::History>> results_of(const Invocation& invocation,
                                                         const project::Project& project,
                                                         bool acts) {
  auto opened = history::History::open(project.declaration.sweep.results, state_of(invocation),
                                       acts ? history::Access::write : history::Access::read);
  if (opened) return std::optional(std::move(*opened));
  if (!acts && opened.error().is(base::Condition::not_found)) return std::nullopt;
  return base::unexpected(std::move(opened).error());
}

base::Result<sweep::Plan> plan_of(Invocation& invocation, const project::Project& project,
                                  const sweep::Enrolment& enrolment, const SweepOptions& options,
                                  const std::string& environment, const history::History* history) {
  sweep::Request request = options.request;
  request.environment = environment;
  declare::Declaration asked = project.declaration;
  asked.recipes = enrolment.recipes;
  CCCI_TRY(const run::Work directory, options.acts
                                          ? run::Work::make(state_of(invocation) / "runs", "look")
                                          : run::Work::temporary("look"));
  auto candidates = sweep::look(asked, enrolment, project.directory(), directory.directory(),
                                base::real_processes(), invocation.progress());
  invocation.end_progress();
  return sweep::make_plan(enrolment.recipes, std::move(candidates), request, history);
}

sweep::Setup setup_of(const Invocation& invocation, const project::Project& project,
                      const sweep::Enrolment& enrolment, unsigned jobs) {
  sweep::Setup setup;
  setup.directory = state_of(invocation) / "sweeps";
  setup.machine = project::machine_name();
  setup.jobs = jobs;
  setup.asked_to_stop = &Interruption::happened;
  setup.test = {fs::canonical("/proc/self/exe").native(), "--file",
                fs::absolute(project.file).native(), "--state", state_of(invocation).native()};
  if (invocation.globals().offline) setup.test.emplace_back("--offline");
  setup.test.emplace_back("test");
  for (const auto& [name, recipe] : enrolment.recipes) {
    const auto declared = project.declaration.recipes.find(name);
    const bool has_source =
        declared != project.declaration.recipes.end() && !declared->second.source.empty();
    // All recipes of a sweep are those of one reading of the catalogue.
    setup.operands[name] = has_source ? name
                           : recipe.source.find(':') == std::string::npos
                               ? fs::absolute(project.directory() / recipe.source).native()
                               : recipe.source;
  }
  return setup;
}

base::Result<void> notify(const project::Project& project, const host::Build& built,
                          const sweep::Plan& plan, const sweep::Swept& swept) {
  const declare::Sweep& settings = project.declaration.sweep;
  if (settings.notify.empty() || !sweep::is_news(plan, swept, settings.notify_when)) return {};
  base::Command command;
  command.argv = settings.notify;
  const auto entrypoint = built.entrypoints.find(command.argv.front());
  if (entrypoint != built.entrypoints.end()) command.argv.front() = entrypoint->second.path;
  command.input = sweep::to_json(plan, swept).dump(2) + "\n";
  command.time_limit = notify_patience;
  CCCI_TRY(const base::Outcome outcome, base::real_processes().run(command));
  if (outcome.status == 0) return {};
  return base::unexpected(
      base::fail("sweep.notify")
          .with("command", base::join(settings.notify, " "))
          .with("status", static_cast<long long>(outcome.status))
          .with("problem", outcome.timed_out ? "it took too long" : base::trim(outcome.err)));
}

base::Result<sweep::Past> past_of(const history::History& history, const sweep::Plan& plan) {
  sweep::Past past;
  for (const sweep::Job& job : plan.jobs) {
    CCCI_TRY(past[job.decision.recipe], history.of_recipe(job.decision.recipe, bars));
  }
  return past;
}

// Held until the sweep ends. A sweep of some recipes only may run beside another one: each recipe
// has its one verdict by the key of the results.
base::Result<base::Fd> sweep_lock(const Invocation& invocation) {
  CCCI_CHECK(store::Store::look(state_of(invocation)));  // only a state that is root's own
  const fs::path locks = state_of(invocation) / "locks";
  CCCI_CHECK(base::make_directories(locks));
  CCCI_TRY(const base::Fd directory, base::open_path(locks, O_PATH | O_DIRECTORY));
  CCCI_TRY(base::Fd lock, base::open_lock_file(directory.get(), "sweep"));
  if (base::try_lock(lock.get(), base::LockMode::exclusive)) return lock;
  return base::unexpected(base::fail("sweep.busy", base::Condition::busy)
                              .with("holder", base::lock_holder(lock.get())));
}

// The reports of the night, with the recipes of other calls too. Several calls for one night may
// end at the same time: the last one to write has read all verdicts.
base::Result<void> write_reports(Invocation& invocation, const history::History& history,
                                 const sweep::Plan& plan, const fs::path& directory) {
  CCCI_TRY(const base::Fd place, base::open_path(directory, O_PATH | O_DIRECTORY));
  CCCI_TRY(const base::Fd lock, base::open_lock_file(place.get(), ".reports"));
  CCCI_CHECK(base::take_lock(lock.get(), base::LockMode::exclusive,
                             {"of the night's reports", invocation.progress()}));
  CCCI_TRY(const sweep::Plan whole, sweep::whole_night(history, plan));
  CCCI_TRY(const sweep::Past past, past_of(history, whole));
  sweep::Swept known{.records = whole.done};
  known.stopped = std::any_of(whole.jobs.begin(), whole.jobs.end(), [&](const sweep::Job& job) {
    return job.decision.run && !whole.done.contains(job.decision.recipe);
  });
  return sweep::write_files(whole, known, past, directory);
}

// Where the data of canonicals is kept; nothing if the declaration names no place.
base::Result<std::unique_ptr<sweep::ResticSnapshots>> snapshots_of(const Invocation& invocation,
                                                                   const declare::Sweep& settings,
                                                                   const host::Build& built) {
  if (settings.snapshots.empty()) return nullptr;
  constexpr const char* restic = "/usr/bin/restic";
  std::error_code error;
  if (!fs::exists(built.environment.root / fs::path(restic).relative_path(), error)) {
    return base::unexpected(
        base::fail("run.no-program").with("program", restic).with("package", "restic"));
  }
  CCCI_TRY(std::string password,
           sweep::snapshots_password(settings.snapshots_password, state_of(invocation)));
  auto snapshots = std::make_unique<sweep::ResticSnapshots>(
      sweep::ResticSnapshots::Setup{settings.snapshots,
                                    std::move(password),
                                    {built.inside.path, restic},
                                    project::machine_name()},
      base::real_processes(), sweep::this_machine());
  CCCI_CHECK(snapshots->open());
  return snapshots;
}

// That it fails changes no verdict: the next sweep tries again.
base::Result<void> forget_old(Invocation& invocation, sweep::ResticSnapshots* snapshots,
                              const history::History& history, base::WallTime now) {
  if (snapshots == nullptr) return {};
  CCCI_TRY(const auto canonicals, history.canonicals());
  if (const auto done = snapshots->tidy(canonicals, now); !done)
    invocation.warn(wording::one_line(done.error()));
  return {};
}

base::Result<int> sweep_now(Invocation& invocation, const project::Project& project,
                            sweep::Setup setup, const Ready& ready, history::History& history,
                            const sweep::Plan& plan) {
  const base::WallTime now = sweep::this_machine().now();
  const Interruption interruption;
  const declare::Sweep& settings = project.declaration.sweep;
  std::unique_ptr<sweep::ResticSnapshots> snapshots;
  if (plan.to_run() > 0) {
    CCCI_TRY(snapshots, snapshots_of(invocation, settings, *ready.built));
  }
  setup.snapshots = snapshots.get();
  // A damaged file would lose the verdicts of hours. With nothing to run the look is not worth it.
  if (plan.to_run() > 0) CCCI_CHECK(history.check());
  CCCI_CHECK(sweep::close_old(history, plan, now));
  SweepView view(invocation.progress(), plan, invocation.globals().verbosity < 0);
  const fs::path directory = setup.directory / plan.night;
  CCCI_CHECK(base::make_directories(directory));
  auto swept = sweep::execute(plan, setup, history, sweep::this_machine(), view);
  view.finish();
  invocation.end_progress();
  if (!swept) return base::unexpected(std::move(swept).error());
  CCCI_CHECK(write_reports(invocation, history, plan, directory));
  if (invocation.json()) {
    invocation.print(sweep::to_json(plan, *swept));
  } else {
    print_sweep(invocation, plan, *swept, directory);
  }
  if (!swept->stopped) {
    if (const auto told = notify(project, *ready.built, plan, *swept); !told)
      invocation.warn(wording::one_line(told.error()));
    CCCI_CHECK(sweep::prune(history, setup.machine, setup.directory, settings.keep,
                            settings.keep_size, now));
    CCCI_CHECK(forget_old(invocation, snapshots.get(), history, now));
  }
  return sweep::exit_status(plan, *swept);
}

// The command that the jobs of another engine run.
std::vector<std::string> program_of(const Invocation& invocation, const project::Project& project) {
  std::vector<std::string> words{"cc-ci", "--file", fs::absolute(project.file).native()};
  if (state_of(invocation) != fs::path(system_state))
    words.insert(words.end(), {"--state", state_of(invocation).native()});
  return words;
}

base::Result<int> run_sweep(Invocation& invocation) {
  CCCI_TRY(project::Project project, project::open(invocation.globals().file));
  CCCI_TRY(const SweepOptions options, sweep_options(invocation, project.declaration.sweep));
  const bool acts = options.acts;
  if (acts && geteuid() != 0) return base::unexpected(base::fail("engine.not-root"));
  const sweep::Refresh refresh = invocation.globals().offline ? sweep::Refresh::never
                                 : acts                       ? sweep::Refresh::keep
                                                              : sweep::Refresh::look;
  CCCI_TRY(sweep::Enrolment enrolment,
           sweep::load_enrolled(project.declaration, project.directory(), state_of(invocation),
                                refresh, base::real_processes(), invocation.progress()));
  for (const std::string& note : enrolment.notes) invocation.warn(note);
  CCCI_CHECK(keep_only(options.only, enrolment));
  base::Fd lock;
  if (acts && options.only.empty()) {
    CCCI_TRY(lock, sweep_lock(invocation));
  }
  CCCI_TRY(const Ready ready, environment_of(invocation, project, acts));
  CCCI_TRY(std::optional<history::History> history, results_of(invocation, project, acts));
  const sweep::Setup setup = setup_of(invocation, project, enrolment, options.jobs);
  if (!options.bisect.empty()) {
    return bisect_recipe(invocation, {project, enrolment, setup, ready.environment, options.bisect},
                         *history);
  }
  CCCI_TRY(const sweep::Plan plan, plan_of(invocation, project, enrolment, options,
                                           ready.environment, history ? &*history : nullptr));
  if (invocation.has("plan")) {
    CCCI_TRY(const std::string text,
             sweep::pipeline(plan, options.format, program_of(invocation, project)));
    invocation.out().write(report::Document(text));
    return 0;
  }
  if (!acts) {
    if (invocation.json()) {
      invocation.print(sweep::to_json(plan));
    } else {
      print_decisions(invocation, plan);
    }
    return 0;
  }
  return sweep_now(invocation, project, setup, ready, *history, plan);
}

}  // namespace

const Command& sweep_command() {
  static const Command command{
      .name = "sweep",
      .section = "Run",
      .purpose = "test all enrolled recipes that need it, and remember the verdicts",
      .options =
          {{.name = "all", .help = "test each recipe that has a release", .group = "Which recipes"},
           {.name = "only",
            .value = "A,B",
            .help = "only these recipes",
            .group = "Which recipes",
            .repeatable = true},
           {.name = "since",
            .value = "WHEN",
            .help = "test again what was last tested before this date, or longer ago than this "
                    "time span",
            .shown = "30d",
            .group = "Which recipes"},
           {.name = "night",
            .value = "NAME",
            .help = "begin or continue the night of this name",
            .shown = "today's date"},
           {.name = "jobs", .value = "N", .help = "test so many recipes at once", .shown = "2"},
           {.name = "bisect",
            .value = "RECIPE",
            .help = "find by running what turned this recipe red: itself or the environment"},
           {.name = "plan", .help = "print the plan for another CI engine, and test nothing"},
           {.name = "format",
            .value = "FORMAT",
            .help = "of the plan: json, buildbot, drone, github, gitlab, slurm, woodpecker",
            .shown = "json",
            .completes = Completion::choices,
            .choices = {"json", "buildbot", "drone", "github", "gitlab", "slurm", "woodpecker"}},
           dry_run_option(),
           json_option()},
      .prose =
          "Enrolled are the recipes of [recipes] in the declaration and those of its catalogue. "
          "For "
          "each, its newest release is compared with what is known: a recipe is tested if it has a "
          "new version, if the environment changed, if its last run was not green, or if that was "
          "30 days ago. Otherwise it is skipped, with the reason.\n\n"
          "Each recipe has one verdict a night: pass, fail, unverified, or flaky if it failed and "
          "passed when it was run again. A sweep that was killed is continued by the next call. A "
          "green run of a release makes this release the canonical one: later upgrades begin from "
          "it. A run that needs more memory or disk than is free waits.\n\n"
          "With --bisect, the runs between the last green and the first red one are tried: first "
          "the old recipe in the present environment, then the present recipe in the old "
          "environment, then the commits between. No verdict is stored.\n\n"
          "`cc-ci results` shows what is known. [sweep] in the declaration has the settings: how "
          "many at once, where the results are, what is kept, and whom to tell. Needs root.",
      .statuses = {{"0", "every recipe is green or was skipped"},
                   {"1", "a recipe is red"},
                   {"3", "the machine or an engine failed, and no recipe is red"},
                   {"4", "a recipe is unverified or flaky, and none is red"},
                   {"143",
                    "a signal stopped the sweep; the next call continues it (with --only: give "
                    "--night NAME)"}},
      .example = "cc-ci sweep --dry-run",
      .run = &run_sweep,
  };
  return command;
}

}  // namespace ccci::cli
