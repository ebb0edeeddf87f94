// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/job_caller.hpp"
#include "command/interruption.hpp"
#include "command/invocation.hpp"
#include "declare/recipe.hpp"
#include "job/kept.hpp"
#include "job/test.hpp"
#include "project/project.hpp"
#include "view/test.hpp"

namespace ccci::cli {

namespace {

base::Result<std::set<std::string>> tiers_of(const Invocation& invocation) {
  std::set<std::string> tiers;
  const auto& known = declare::recipe_tiers();
  for (const std::string& list : invocation.values("tiers")) {
    for (const std::string_view tier : base::split(list, ',')) {
      if (tier.empty()) continue;
      if (std::find(known.begin(), known.end(), tier) == known.end()) {
        return base::unexpected(base::fail("run.unknown-tier")
                                    .with("name", tier)
                                    .with("likely", base::likely(tier, known))
                                    .with("known", base::join(known, ", ")));
      }
      tiers.emplace(tier);
    }
  }
  return tiers;
}

base::Result<job::TestOrder> order_of(const Invocation& invocation) {
  job::TestOrder order{.recipe = invocation.operands()[0]};
  order.ref = invocation.value("ref").value_or("");
  order.base = invocation.value("base").value_or("");
  CCCI_TRY(order.tiers, tiers_of(invocation));
  for (const std::string& image : invocation.values("image")) order.images.emplace_back(image);
  order.environment_of = invocation.value("environment-of").value_or("");
  order.settings_of = invocation.value("settings-of").value_or("");
  order.out = invocation.value("out").value_or("");
  order.keep = invocation.has("keep");
  order.pause = invocation.has("pause-on-failure");
  order.keep_backup = invocation.has("keep-backup");
  return order;
}

base::Result<int> remove_kept(Invocation& invocation, const std::string& name) {
  CCCI_TRY(const engine::Reaped reaped, job::remove_kept(name, job_caller(invocation)));
  for (const std::string& left : reaped.left) invocation.out().line(base::printable(left));
  if (reaped.left.empty()) invocation.out().line(name + ": removed");
  if (!reaped.lost.empty())
    invocation.out().line("the engine of " + base::printable(reaped.lost) +
                          " does not answer: the next test in it removes what this one has there");
  return reaped.left.empty() ? 0 : 3;
}

// Shows how to look and waits for Enter or a signal.
void wait_for_enter(Invocation& invocation, const std::string& docker) {
  invocation.end_progress();
  invocation.out().line("paused: " + base::printable(docker) + " service ls; press Enter to go on");
  static_cast<void>(invocation.out().flush());
  char byte = 0;
  while (!command::Interruption::happened() && read(0, &byte, 1) == 1 && byte != '\n') {
  }
}

base::Result<int> run_test(Invocation& invocation) {
  if (invocation.has("remove")) return remove_kept(invocation, invocation.operands()[0]);
  CCCI_TRY(const job::TestOrder order, order_of(invocation));
  CCCI_TRY(project::Project project, project::open(invocation.globals().file));
  job::Caller caller = job_caller(invocation);
  if (invocation.has("dry-run")) {
    CCCI_TRY(const run::Plan plan, job::plan_test(std::move(project), order, caller));
    view::print_test_plan(invocation, plan);
    return 0;
  }
  std::optional<command::Interruption> interruption;
  caller.begins = [&] { interruption.emplace(); };
  CCCI_TRY(const job::Tested tested,
           job::test(std::move(project), order, caller,
                     [&](const std::string& docker) { wait_for_enter(invocation, docker); }));
  view::print_tested(invocation, tested);
  if (tested.result.error) return base::unexpected(*tested.result.error);
  return run::exit_status(tested.result);
}

}  // namespace

const Command& test_command() {
  static const Command command{
      .name = "test",
      .section = "Run",
      .purpose = "test a Co-op Cloud recipe: deploy, upgrade, back up, restore, remove",
      .operands = {{.name = "RECIPE", .completes = Completion::directory}},
      .options =
          {{.name = "ref", .value = "REF", .help = "test this commit, branch or tag"},
           {.name = "base",
            .value = "VERSION",
            .help = "upgrade from this release first",
            .shown = "the newest older one"},
           {.name = "environment-of",
            .value = "FILE",
            .help = "test in the environment of this other declaration and its lock",
            .completes = Completion::file},
           {.name = "settings-of",
            .value = "FILE",
            .help = "test with the settings that this other declaration has for the recipes",
            .completes = Completion::file},
           {.name = "image",
            .value = "ARCHIVE",
            .help = "the engine has the images of this archive from the start",
            .repeatable = true,
            .completes = Completion::file},
           {.name = "out",
            .value = "DIR",
            .help = "write the result's files here",
            .shown = "STATE/results/RUN",
            .group = "What it leaves",
            .completes = Completion::directory},
           {.name = "keep-backup",
            .help = "also the restic repository of a green backup, as DIR/backup; its password is "
                    "cc-ci",
            .group = "What it leaves"},
           {.name = "tiers",
            .value = "A,B",
            .help = "only these tiers: lint, install, redeploy, upgrade, backup, restore, remove, "
                    "custom",
            .repeatable = true},
           {.name = "keep",
            .help = "leave a red deployment running, for a look",
            .group = "If a tier fails"},
           {.name = "pause-on-failure",
            .help = "wait for Enter before a red deployment is removed",
            .group = "If a tier fails"},
           {.name = "remove",
            .help = "remove a kept deployment: its name stands in the place of RECIPE",
            .group = "If a tier fails"},
           dry_run_option(),
           json_option()},
      .prose =
          "RECIPE is a name in [recipes] of the declaration, a directory, or the URL of a git "
          "repository. Without --ref the directory is tested as it is, also with changes that are "
          "not committed. cc-ci only reads it.\n\n"
          "Starts a Docker Engine of the environment with a swarm of its own, which no other run "
          "and not the host can reach. There the recipe is deployed, deployed again, backed up, "
          "restored, removed and installed again, and upgraded from its newest older release. Each "
          "tier passes, fails, is skipped with a reason, or is unverified: it could not be shown. "
          "At the end nothing of it is left, whatever ended the run. Needs root. If the "
          "declaration "
          "names an engine, the recipe is deployed there and removed from there by its labels.\n\n"
          "No registry is asked, unless the declaration allows it: give archives of the images "
          "with "
          "--image or in the declaration.",
      .statuses = {{"0", "every tier passed or was skipped"},
                   {"1", "a tier failed"},
                   {"4", "no tier failed, but one is unverified"},
                   {"142", "the deadline of the run was over"},
                   {"143", "a signal stopped the run"}},
      .example = "cc-ci test ~/recipes/gitea --image gitea.tar",
      .run = &run_test,
  };
  return command;
}

}  // namespace ccci::cli
