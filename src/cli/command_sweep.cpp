// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>

#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/job_caller.hpp"
#include "cli/open_store.hpp"
#include "cli/sweep_options.hpp"
#include "command/interruption.hpp"
#include "command/invocation.hpp"
#include "job/sweep.hpp"
#include "project/project.hpp"
#include "sweep/bisect.hpp"
#include "sweep/page.hpp"
#include "sweep/pipeline.hpp"
#include "view/sweep.hpp"
#include "wording/message.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

// Exit statuses of --bisect.
constexpr int stopped = 143;
constexpr int not_found = 4;

base::Result<int> bisect(Invocation& invocation, job::Sweep& sweep, const std::string& recipe) {
  const command::Interruption interruption;
  const auto found = sweep.bisect(recipe);
  invocation.end_progress();
  if (!found) {
    if (!found.error().is(base::Condition::interrupted)) return base::unexpected(found.error());
    invocation.warn(wording::one_line(found.error()));
    return stopped;
  }
  if (found->no_revisions) invocation.warn(wording::one_line(*found->no_revisions));
  if (invocation.json()) {
    invocation.print(sweep::to_json(found->suspects, found->bisected));
  } else {
    for (const std::string& line : sweep::explain(found->suspects, found->bisected))
      invocation.out().line(base::printable(line));
  }
  const sweep::Culprit culprit = found->bisected.culprit;
  const bool known = culprit == sweep::Culprit::recipe || culprit == sweep::Culprit::environment ||
                     culprit == sweep::Culprit::settings || culprit == sweep::Culprit::both;
  return known ? 0 : not_found;
}

// The command that the jobs of another engine run.
std::vector<std::string> program_of(const Invocation& invocation) {
  const fs::path state = fs::absolute(invocation.globals().state);
  std::vector<std::string> words{"cc-ci", "--file",
                                 fs::absolute(invocation.globals().file).native()};
  if (state != fs::path(system_state)) words.insert(words.end(), {"--state", state.native()});
  return words;
}

base::Result<int> print_plan(Invocation& invocation, const sweep::Plan& plan,
                             const SweepOptions& options) {
  if (invocation.has("plan")) {
    CCCI_TRY(const std::string text, sweep::pipeline(plan, options.format, program_of(invocation)));
    invocation.out().write(report::Document(text));
  } else if (invocation.json()) {
    invocation.print(sweep::to_json(plan));
  } else {
    view::print_decisions(invocation, plan);
  }
  return 0;
}

base::Result<int> carry_out(Invocation& invocation, job::Sweep& sweep, const sweep::Plan& plan) {
  const command::Interruption interruption;
  if (const std::string text = view::continued_text(plan); !text.empty())
    invocation.progress().note(base::printable(text));
  view::SweepView view(invocation.progress(), plan, invocation.globals().verbosity < 0);
  const auto swept = sweep.run(plan, view);
  view.finish();
  invocation.end_progress();
  if (!swept) return base::unexpected(swept.error());
  if (invocation.json()) {
    invocation.print(sweep::to_json(plan, *swept, sweep.evidences(*swept)));
  } else {
    view::print_sweep(invocation, plan, *swept, sweep.directory(plan));
  }
  if (!swept->stopped) CCCI_CHECK(sweep.finish(plan, *swept));
  return sweep::exit_status(plan, *swept);
}

base::Result<int> run_sweep(Invocation& invocation) {
  CCCI_TRY(project::Project project, project::open(invocation.globals().file));
  CCCI_TRY(const SweepOptions options, sweep_options(invocation, project.declaration.sweep));
  CCCI_TRY(job::Sweep sweep,
           job::Sweep::open(std::move(project), options.order, job_caller(invocation)));
  if (!options.bisect.empty()) return bisect(invocation, sweep, options.bisect);
  const auto plan = sweep.plan();
  invocation.end_progress();
  if (!plan) return base::unexpected(plan.error());
  return options.order.acts ? carry_out(invocation, sweep, *plan)
                            : print_plan(invocation, *plan, options);
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
            .help = "find by running what turned this recipe red: itself, the environment, or "
                    "its settings"},
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
          "new version, if the environment or its settings changed, if its last run was not green, "
          "or if that was "
          "30 days ago. Otherwise it is skipped, with the reason.\n\n"
          "Each recipe has one verdict a night: pass, fail, unverified, or flaky if it failed and "
          "passed when it was run again. What only lint or the reading of the recipe turned red is "
          "not run again. A sweep that was killed is continued by the next call. A "
          "green run of a release makes this release the canonical one: later upgrades begin from "
          "it. A run that needs more memory or disk than is free waits.\n\n"
          "With --bisect, the runs between the last green and the first red one are tried: first "
          "the old recipe in the present environment, then the present recipe in the old "
          "environment, then with its old settings in the declaration, then the commits between. "
          "No verdict is stored.\n\n"
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
