// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/date.hpp"
#include "base/files.hpp"
#include "base/lock_file.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/invocation.hpp"
#include "cli/open_store.hpp"
#include "cli/sweep_view.hpp"
#include "declare/span.hpp"
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
#include "sweep/sweep.hpp"
#include "wording/message.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t bars = 30;  // runs in the history of the page
constexpr std::chrono::minutes notify_patience{5};

fs::path state_of(const Invocation& invocation) { return fs::absolute(invocation.globals().state); }

// Restricts the declaration to the recipes of --only.
base::Result<void> keep_only(const Invocation& invocation, sweep::Enrolled& enrolled) {
  std::set<std::string> only;
  const std::vector<std::string> known = base::keys_of(enrolled);
  for (const std::string& list : invocation.values("only")) {
    for (const std::string_view name : base::split(list, ',')) {
      if (name.empty()) continue;
      if (!enrolled.contains(std::string(name))) {
        return base::unexpected(base::fail("sweep.unknown-recipe")
                                    .with("name", name)
                                    .with("likely", base::likely(name, known))
                                    .with("known", base::join(known, ", ")));
      }
      only.emplace(name);
    }
  }
  if (only.empty()) return {};
  std::erase_if(enrolled, [&](const auto& one) { return !only.contains(one.first); });
  return {};
}

// A date, or a span back from now.
base::Result<std::chrono::seconds> age_of(const std::string& text, base::WallTime now) {
  if (const auto span = declare::time_span(text)) return *span;
  if (const auto date = base::from_rfc3339(text + "T00:00:00Z"); date && *date <= now)
    return std::chrono::duration_cast<std::chrono::seconds>(now - *date);
  return base::unexpected(base::fail("sweep.since").with("text", text));
}

// What the environment is: built, or for a look only as far as it is known.
struct Ready {
  std::string environment;  // digest; empty: it is not built yet
  std::optional<host::Build> built;
};

base::Result<Ready> environment_of(Invocation& invocation, const project::Project& project,
                                   bool acts) {
  Ready ready;
  auto locked = project::lock_for_build(project, invocation.context(), acts);
  // A look needs no lock: then the environment is not known yet, and counts as another one.
  if (!locked && !acts) return ready;
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
                                  const sweep::Enrolled& enrolled, const std::string& environment,
                                  const history::History* history) {
  sweep::Request request;
  request.environment = environment;
  request.night = invocation.value("night").value_or("");
  if (!request.night.empty()) CCCI_CHECK(sweep::check_night(request.night));
  request.partial = !invocation.values("only").empty();
  request.all = invocation.has("all");
  request.now = sweep::this_machine().now();
  request.max_age = project.declaration.sweep.max_age;
  if (const auto since = invocation.value("since")) {
    CCCI_TRY(request.max_age, age_of(*since, request.now));
  }
  declare::Declaration asked = project.declaration;
  asked.recipes = enrolled;
  const bool acts = geteuid() == 0 && !invocation.has("dry-run") && !invocation.has("plan");
  const fs::path work = acts ? state_of(invocation) / "runs"
                             : fs::temp_directory_path() / ("cc-ci-" + std::to_string(getuid()));
  CCCI_TRY(const run::Work directory, run::Work::make(work, "look"));
  auto candidates = sweep::look(asked, project.directory(), directory.directory(),
                                base::real_processes(), invocation.progress());
  invocation.end_progress();
  return sweep::make_plan(enrolled, std::move(candidates), request, history);
}

sweep::Setup setup_of(const Invocation& invocation, const project::Project& project,
                      const sweep::Enrolled& enrolled, unsigned jobs) {
  sweep::Setup setup;
  setup.directory = state_of(invocation) / "sweeps";
  setup.machine = project::machine_name();
  setup.jobs = jobs;
  setup.asked_to_stop = &Interruption::happened;
  setup.test = {fs::canonical("/proc/self/exe").native(), "--file",
                fs::absolute(project.file).native(), "--state", state_of(invocation).native()};
  if (invocation.globals().offline) setup.test.emplace_back("--offline");
  setup.test.emplace_back("test");
  for (const auto& [name, recipe] : enrolled) {
    const auto declared = project.declaration.recipes.find(name);
    const bool has_source =
        declared != project.declaration.recipes.end() && !declared->second.source.empty();
    // `cc-ci test` does not read the catalogue.
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
  const fs::path locks = state_of(invocation) / "locks";
  CCCI_CHECK(base::make_directories(locks));
  CCCI_TRY(const base::Fd directory, base::open_path(locks, O_PATH | O_DIRECTORY));
  CCCI_TRY(base::Fd lock, base::open_lock_file(directory.get(), "sweep"));
  if (base::try_lock(lock.get(), base::LockMode::exclusive)) return lock;
  return base::unexpected(base::fail("sweep.busy", base::Condition::busy)
                              .with("holder", base::lock_holder(lock.get())));
}

base::Result<int> sweep_now(Invocation& invocation, const project::Project& project,
                            const sweep::Enrolled& enrolled, const Ready& ready,
                            history::History& history, const sweep::Plan& plan) {
  CCCI_TRY(const std::uint64_t jobs, invocation.number("jobs", project.declaration.sweep.jobs, 99));
  const base::WallTime now = sweep::this_machine().now();
  const Interruption interruption;
  const bool whole = invocation.values("only").empty();
  if (whole) CCCI_CHECK(sweep::close_unfinished(history, plan, now));
  SweepView view(invocation.progress(), plan, invocation.globals().verbosity < 0);
  const sweep::Setup setup = setup_of(invocation, project, enrolled,
                                      static_cast<unsigned>(std::max<std::uint64_t>(1, jobs)));
  CCCI_CHECK(base::make_directories(setup.directory / plan.night));
  auto swept = sweep::execute(plan, setup, history, sweep::this_machine(), view);
  view.finish();
  invocation.end_progress();
  if (!swept) return base::unexpected(std::move(swept).error());
  CCCI_TRY(const sweep::Past past, past_of(history, plan));
  const fs::path directory = setup.directory / plan.night;
  CCCI_CHECK(sweep::write_files(plan, *swept, past, directory));
  if (invocation.json()) {
    invocation.print(sweep::to_json(plan, *swept));
  } else {
    print_sweep(invocation, plan, *swept, directory);
  }
  const declare::Sweep& settings = project.declaration.sweep;
  if (!swept->stopped) {
    if (const auto told = notify(project, *ready.built, plan, *swept); !told)
      invocation.warn(wording::one_line(told.error()));
    CCCI_CHECK(sweep::prune(history, setup.machine, setup.directory, settings.keep,
                            settings.keep_size, now));
  }
  return sweep::exit_status(plan, *swept);
}

base::Result<int> run_sweep(Invocation& invocation) {
  CCCI_TRY(project::Project project, project::open(invocation.globals().file));
  const bool acts = !invocation.has("dry-run") && !invocation.has("plan");
  if (acts && geteuid() != 0) return base::unexpected(base::fail("engine.not-root"));
  CCCI_TRY(sweep::Enrolled enrolled,
           sweep::load_enrolled(project.declaration, project.directory(), state_of(invocation),
                                invocation.globals().offline || !acts, base::real_processes()));
  CCCI_CHECK(keep_only(invocation, enrolled));
  base::Fd lock;
  if (acts && invocation.values("only").empty()) {
    CCCI_TRY(lock, sweep_lock(invocation));
  }
  CCCI_TRY(const Ready ready, environment_of(invocation, project, acts));
  CCCI_TRY(std::optional<history::History> history, results_of(invocation, project, acts));
  CCCI_TRY(const sweep::Plan plan, plan_of(invocation, project, enrolled, ready.environment,
                                           history ? &*history : nullptr));
  if (invocation.has("plan")) {
    CCCI_TRY(const std::string text,
             sweep::pipeline(plan, invocation.value("format").value_or("json"),
                             fs::absolute(project.file).native()));
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
  return sweep_now(invocation, project, enrolled, ready, *history, plan);
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
          "`cc-ci results` shows what is known. [sweep] in the declaration has the settings: how "
          "many at once, where the results are, what is kept, and whom to tell. Needs root.",
      .statuses = {{"0", "every recipe is green or was skipped"},
                   {"1", "a recipe is red"},
                   {"3", "the machine or an engine failed, and no recipe is red"},
                   {"4", "a recipe is unverified or flaky, and none is red"},
                   {"143", "a signal stopped the sweep; the next call continues it"}},
      .example = "cc-ci sweep --dry-run",
      .run = &run_sweep,
  };
  return command;
}

}  // namespace ccci::cli
