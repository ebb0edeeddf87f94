// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/invocation.hpp"
#include "cli/open_store.hpp"
#include "cli/run_view.hpp"
#include "cli/test_record.hpp"
#include "declare/forms.hpp"
#include "declare/recipe.hpp"
#include "engine/images.hpp"
#include "engine/remains.hpp"
#include "host/build.hpp"
#include "image/kept.hpp"
#include "project/build.hpp"
#include "project/project.hpp"
#include "project/resolve.hpp"
#include "results/files.hpp"
#include "run/dependencies.hpp"
#include "run/not_begun.hpp"
#include "run/run.hpp"
#include "run/work.hpp"
#include "sweep/catalogue.hpp"
#include "sweep/snapshots.hpp"
#include "wording/message.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

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

void print_plan(Invocation& invocation, const run::Plan& plan) {
  if (invocation.json()) {
    invocation.print(run::to_json(plan));
    return;
  }
  const auto line = [&](const std::string& text) { invocation.out().line(base::printable(text)); };
  line("recipe      " + plan.recipe +
       (plan.head.version.empty() ? std::string() : " " + plan.head.version));
  if (!plan.head.commit.empty())
    line("commit      " + plan.head.commit + (plan.dirty ? ", with changes" : ""));
  line("domain      " + plan.domain);
  if (!plan.distinction.empty()) line("engine      " + plan.settings.engine);
  for (const std::string& image : plan.images) line("image       " + image);
  for (const run::Plan& other : plan.dependencies) {
    line("needs       " + other.recipe +
         (other.head.version.empty() ? std::string() : " " + other.head.version));
  }
  for (const recipe::Release& base : plan.bases) line("base        " + base.version.text);
  for (const run::TierPlan& tier : plan.tiers) {
    run::Rung row{.name = tier.name};
    row.reason = tier.reason;
    if (tier.decided) {
      row.verdict = *tier.decided;
      line(rung_line(row));
    } else {
      std::string text = tier.name;
      text.resize(10, ' ');
      line(text + "run");
    }
  }
}

std::uint64_t tiers_that_run(const run::Plan& plan) {
  return static_cast<std::uint64_t>(
      std::count_if(plan.tiers.begin(), plan.tiers.end(),
                    [](const run::TierPlan& tier) { return !tier.decided; }));
}

// The image archives of the declaration are relative to it, those of the option to this directory.
std::vector<fs::path> images_of(const Invocation& invocation, const project::Project& project,
                                const run::Plan& plan) {
  std::vector<fs::path> images;
  const auto take = [&](const run::Plan& one) {
    for (const std::string& image : one.settings.images)
      images.push_back(project.directory() / image);
  };
  take(plan);
  for (const run::Plan& other : plan.dependencies) take(other);
  for (const std::string& image : invocation.values("image")) images.emplace_back(image);
  return images;
}

std::string without_tag(const std::string& image) {
  return engine::split_image_name(image).repository;
}

// Whether the recipe uses the image, perhaps with another tag in an older version.
bool is_needed(const declare::Image& image, const run::Plan& plan) {
  return std::any_of(image.tags.begin(), image.tags.end(), [&](const std::string& tag) {
    return std::any_of(plan.images.begin(), plan.images.end(), [&](const std::string& wanted) {
      return without_tag(wanted) == without_tag(tag);
    });
  });
}

// The images of [images] that the recipe uses.
base::Result<std::vector<fs::path>> make_images(Invocation& invocation,
                                                const project::Project& project,
                                                const lock::Lock& lock, store::Store& store,
                                                const run::Plan& plan) {
  std::vector<fs::path> files;
  for (const auto& [name, declared] : project.declaration.images) {
    const bool needed =
        is_needed(declared, plan) ||
        std::any_of(plan.dependencies.begin(), plan.dependencies.end(),
                    [&](const run::Plan& other) { return is_needed(declared, other); });
    if (!needed) continue;
    CCCI_TRY(fs::path file, image::keep(project, invocation.context(), store, lock, name));
    files.push_back(std::move(file));
  }
  return files;
}

// The environment of another declaration, as its lock has it.
base::Result<host::Build> build_of(Invocation& invocation, store::Store& store,
                                   const std::string& file) {
  CCCI_TRY(const project::Project project, project::open(file));
  CCCI_TRY(const lock::Lock lock, project::lock_for_build(project, invocation.context(), false));
  return project::build(project, invocation.context(), store, lock, {});
}

base::Result<run::Setup> set_up(Invocation& invocation, const project::Project& project,
                                const run::Plan& plan) {
  CCCI_TRY(store::Store store, open_store(invocation));
  const auto other = invocation.value("environment-of");
  const bool may_resolve = !other;
  CCCI_TRY(const lock::Lock lock,
           project::lock_for_build(project, invocation.context(), may_resolve));
  CCCI_TRY(const host::Build built,
           other ? build_of(invocation, store, *other)
                 : project::build(project, invocation.context(), store, lock, {}));
  run::Setup setup;
  setup.state = fs::absolute(invocation.globals().state);
  setup.entry = {built.inside.path};
  setup.root = built.environment.root;
  setup.environment = built.environment.digest;
  CCCI_TRY(setup.images, make_images(invocation, project, lock, store, plan));
  setup.engine = declare::engine_socket(plan.settings.engine);
  setup.keep = invocation.has("keep");
  setup.pause = invocation.has("pause-on-failure");
  setup.explain = wording::one_line;
  return setup;
}

base::Result<int> remove_kept(Invocation& invocation, const std::string& name) {
  run::Setup setup;
  setup.state = fs::absolute(invocation.globals().state);
  engine::Records records(setup.engines());
  CCCI_TRY(const engine::Reaped reaped, engine::remove_engine(records, name));
  for (const std::string& left : reaped.left) invocation.out().line(base::printable(left));
  if (reaped.left.empty()) invocation.out().line(name + ": removed");
  if (!reaped.lost.empty())
    invocation.out().line("the engine of " + base::printable(reaped.lost) +
                          " does not answer: the next test in it removes what this one has there");
  return reaped.left.empty() ? 0 : 3;
}

base::Result<int> test(Invocation& invocation, const project::Project& project,
                       const run::Intent& intent, const run::Plan& plan,
                       const run::Checkout& checkout, const TestRecord& record, run::Setup setup) {
  const Interruption interruption;
  for (fs::path& archive : images_of(invocation, project, plan))
    setup.images.push_back(std::move(archive));
  CCCI_TRY(const fs::path out, record.directory());
  run::Mask mask;
  for (const auto& [key, value] : intent.source.settings.env) {
    const bool secret = key.find("PASSWORD") != std::string::npos ||
                        key.find("SECRET") != std::string::npos ||
                        key.find("TOKEN") != std::string::npos;
    if (secret) mask.add(value);
  }
  CCCI_TRY(RunView view, RunView::open(out / "log.txt", invocation.progress(), mask));
  CCCI_TRY(const std::vector<std::string> reaped, run::reap_dead_runs(setup));
  for (const std::string& dead : reaped) view.note(dead);
  run::RunRequest request;
  request.name = record.name();
  request.out = out;
  if (invocation.has("keep-backup")) request.keep_backup = out / sweep::backup_name;
  request.asked_to_stop = &Interruption::happened;
  request.pause = [&](const run::Result&, const fs::path& socket) {
    invocation.end_progress();
    invocation.out().line("paused: docker --host unix://" + base::printable(socket.native()) +
                          " service ls; press Enter to go on");
    static_cast<void>(invocation.out().flush());
    char byte = 0;
    while (!Interruption::happened() && read(0, &byte, 1) == 1 && byte != '\n') {
    }
  };
  invocation.progress().begin("testing " + plan.recipe, tiers_that_run(plan),
                              base::Progress::Unit::things);
  auto executed = run::execute(setup, plan, checkout, request, view, mask);
  invocation.progress().end();
  if (!executed) return record.not_begun(intent, executed.error());
  run::Result& result = *executed;
  if (result.error) result.problem = mask.masked(wording::one_line(*result.error));
  CCCI_CHECK(results::write_files(result, out, mask));
  show_result(invocation, result, out, setup.engines(), mask);
  if (result.error) return base::unexpected(*result.error);
  return run::exit_status(result);
}

// The declaration with the recipes of its catalogue, if `wanted` may be one of them: then the
// catalogue is read as a sweep reads it.
base::Result<void> add_catalogue(Invocation& invocation, project::Project& project,
                                 const std::string& wanted) {
  declare::Declaration& declaration = project.declaration;
  const auto known = declaration.recipes.find(wanted);
  std::error_code error;
  const bool has_source = known != declaration.recipes.end() ? !known->second.source.empty()
                                                             : fs::exists(wanted, error);
  if (declaration.catalogue.place.empty() || has_source) return {};
  if (!declare::objection(declare::forms::recipe, wanted).empty()) return {};
  const sweep::Refresh refresh = invocation.globals().offline ? sweep::Refresh::never
                                 : geteuid() == 0 && !invocation.has("dry-run")
                                     ? sweep::Refresh::keep
                                     : sweep::Refresh::look;
  CCCI_TRY(sweep::Enrolment enrolment,
           sweep::load_enrolled(declaration, project.directory(),
                                fs::absolute(invocation.globals().state), refresh,
                                base::real_processes(), invocation.progress()));
  invocation.end_progress();
  for (const std::string& note : enrolment.notes) invocation.warn(note);
  if (const auto why = enrolment.unusable.find(wanted); why != enrolment.unusable.end()) {
    return base::unexpected(
        base::fail("sweep.unusable").with("recipe", wanted).with("why", why->second));
  }
  declaration.recipes = std::move(enrolment.recipes);
  return {};
}

void warn_of_base(Invocation& invocation, const run::Plan& plan) {
  const auto asked = invocation.value("base");
  if (!asked || (!plan.bases.empty() && plan.bases.front().version.text == *asked)) return;
  invocation.warn(
      "--base " + base::printable(*asked) + ": no released version older than the commit; " +
      (plan.bases.empty() ? "there is none to upgrade from"
                          : "the upgrade begins at " + plan.bases.front().version.text));
}

base::Result<int> run_test(Invocation& invocation) {
  const std::string& wanted = invocation.operands()[0];
  if (invocation.has("remove")) return remove_kept(invocation, wanted);
  CCCI_TRY(const std::set<std::string> only, tiers_of(invocation));
  CCCI_TRY(project::Project project, project::open(invocation.globals().file));
  CCCI_CHECK(add_catalogue(invocation, project, wanted));
  CCCI_TRY(run::Source source, run::find_source(wanted, project.declaration, project.directory()));
  const bool acts = !invocation.has("dry-run");
  if (acts && geteuid() != 0) return base::unexpected(base::fail("engine.not-root"));
  const fs::path state = fs::absolute(invocation.globals().state);
  if (acts) CCCI_CHECK(store::Store::look(state));
  CCCI_TRY(const run::Work work,
           acts ? run::Work::make(state / "runs", "run") : run::Work::temporary("run"));
  if (!declare::engine_socket(source.settings.engine).empty())
    source.distinction = work.distinction();
  run::Intent intent{source, only, {}};
  const TestRecord record(invocation, work.name());
  const auto checkout = run::Checkout::make(source, invocation.value("ref").value_or(""),
                                            work.directory(), base::real_processes());
  if (!checkout) {
    if (!acts) return base::unexpected(checkout.error());
    return checkout.error().is(base::Condition::too_large)
               ? record.unreadable(intent, checkout.error())
               : record.not_begun(intent, checkout.error());
  }
  intent.commit = checkout->commit();
  const auto read = run::make_plan(source, *checkout, only, invocation.value("base").value_or(""));
  if (!read) {
    if (!acts) return base::unexpected(read.error());
    return record.unreadable(intent, read.error());
  }
  run::Plan plan = *read;
  warn_of_base(invocation, plan);
  const auto dependencies = run::plan_dependencies(plan, project.declaration, project.directory(),
                                                   work.directory(), base::real_processes());
  if (!dependencies) {
    if (!acts) return base::unexpected(dependencies.error());
    return record.not_begun(intent, dependencies.error());
  }
  if (!acts) {
    print_plan(invocation, plan);
    return 0;
  }
  auto setup = set_up(invocation, project, plan);
  if (!setup) return record.not_begun(intent, setup.error());
  return test(invocation, project, intent, plan, *checkout, record, std::move(*setup));
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
            .help = "remove the kept deployment of this name",
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
