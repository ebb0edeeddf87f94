// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/test.hpp"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/files.hpp"
#include "base/text.hpp"
#include "declare/forms.hpp"
#include "declare/recipe.hpp"
#include "declare/recipe_settings.hpp"
#include "engine/images.hpp"
#include "host/build.hpp"
#include "image/kept.hpp"
#include "job/images_now.hpp"
#include "job/kept.hpp"
#include "job/run_log.hpp"
#include "job/test_record.hpp"
#include "project/build.hpp"
#include "project/resolve.hpp"
#include "results/files.hpp"
#include "run/dependencies.hpp"
#include "run/run.hpp"
#include "run/work.hpp"
#include "sweep/catalogue.hpp"
#include "sweep/snapshots.hpp"
#include "wording/message.hpp"

namespace ccci::job {

namespace {

namespace fs = std::filesystem;

base::Result<store::Store> open_store(const Caller& caller) {
  CCCI_TRY(store::Store store, store::Store::open(caller.context.state));
  store.report_to(caller.context.progress);
  return store;
}

std::uint64_t tiers_that_run(const run::Plan& plan) {
  return static_cast<std::uint64_t>(
      std::count_if(plan.tiers.begin(), plan.tiers.end(),
                    [](const run::TierPlan& tier) { return !tier.decided; }));
}

// The image archives of the declaration are relative to it, those of the order to this directory.
std::vector<fs::path> archives_of(const project::Project& project, const TestOrder& order,
                                  const run::Plan& plan) {
  std::vector<fs::path> archives;
  const auto take = [&](const run::Plan& one) {
    for (const std::string& image : one.settings.images)
      archives.push_back(project.directory() / image);
  };
  take(plan);
  for (const run::Plan& other : plan.dependencies) take(other);
  archives.insert(archives.end(), order.images.begin(), order.images.end());
  return archives;
}

// The images of [images] that the recipe uses.
base::Result<std::vector<fs::path>> make_images(const project::Project& project,
                                                const Caller& caller, const lock::Lock& lock,
                                                store::Store& store, const run::Plan& plan) {
  std::vector<fs::path> files;
  for (const auto& [name, image] : project.declaration.images) {
    const declare::Image& declared = image;  // clang 14 captures no structured binding
    const bool needed =
        is_used(declared, plan.images) ||
        std::any_of(plan.dependencies.begin(), plan.dependencies.end(),
                    [&](const run::Plan& other) { return is_used(declared, other.images); });
    if (!needed) continue;
    CCCI_TRY(fs::path file, ccci::image::keep(project, caller.context, store, lock, name));
    files.push_back(std::move(file));
  }
  return files;
}

base::Result<project::Project> open_other(const fs::path& file, const char* option) {
  std::error_code error;
  if (fs::is_regular_file(file, error)) return project::open(file);
  return base::unexpected(base::fail("run.no-declaration", base::Condition::not_found)
                              .with("path", file.native())
                              .with("option", option));
}

// The environment of another declaration, as its lock has it.
base::Result<host::Build> build_of(const fs::path& file, const Caller& caller,
                                   store::Store& store) {
  CCCI_TRY(const project::Project project, open_other(file, "--environment-of"));
  CCCI_TRY(const lock::Lock lock, project::lock_for_build(project, caller.context, false));
  return project::build(project, caller.context, store, lock, {});
}

base::Result<run::Setup> set_up(const project::Project& project, const TestOrder& order,
                                const Caller& caller, const run::Plan& plan) {
  CCCI_TRY(store::Store store, open_store(caller));
  const bool own = order.environment_of.empty();
  CCCI_TRY(const lock::Lock lock, project::lock_for_build(project, caller.context, own));
  CCCI_TRY(const host::Build built, own ? project::build(project, caller.context, store, lock, {})
                                        : build_of(order.environment_of, caller, store));
  run::Setup setup;
  setup.state = caller.state();
  setup.entry = {built.inside.path};
  setup.root = built.environment.root;
  setup.environment = built.environment.digest;
  CCCI_TRY(setup.images, make_images(project, caller, lock, store, plan));
  for (fs::path& archive : archives_of(project, order, plan))
    setup.images.push_back(std::move(archive));
  setup.engine = declare::engine_socket(plan.settings.engine);
  setup.keep = order.keep;
  setup.pause = order.pause;
  setup.explain = wording::one_line;
  return setup;
}

// The declaration gets the recipes of its catalogue, if `wanted` may be one of them: then the
// catalogue is read as a sweep reads it.
base::Result<void> add_catalogue(project::Project& project, const std::string& wanted,
                                 const Caller& caller, bool acts) {
  declare::Declaration& declaration = project.declaration;
  const auto known = declaration.recipes.find(wanted);
  std::error_code error;
  const bool has_source = known != declaration.recipes.end() ? !known->second.source.empty()
                                                             : fs::exists(wanted, error);
  if (declaration.catalogue.place.empty() || has_source) return {};
  if (!declare::objection(declare::forms::recipe, wanted).empty()) return {};
  const sweep::Refresh refresh = caller.context.offline   ? sweep::Refresh::never
                                 : geteuid() == 0 && acts ? sweep::Refresh::keep
                                                          : sweep::Refresh::look;
  CCCI_TRY(sweep::Enrolment enrolment,
           sweep::load_enrolled(declaration, project.directory(), caller.state(), refresh,
                                base::real_processes(), caller.context.progress));
  for (const std::string& note : enrolment.notes) caller.warn(note);
  if (const auto why = enrolment.unusable.find(wanted); why != enrolment.unusable.end()) {
    return base::unexpected(
        base::fail("sweep.unusable").with("recipe", wanted).with("why", why->second));
  }
  declaration.recipes = std::move(enrolment.recipes);
  return {};
}

void warn_of_base(const std::string& asked, const run::Plan& plan, const Caller& caller) {
  if (asked.empty() || (!plan.bases.empty() && plan.bases.front().version.text == asked)) return;
  caller.warn("--base " + base::printable(asked) +
              ": the recipe has no such release before the commit; " +
              (plan.bases.empty() ? "there is none to upgrade from"
                                  : "the upgrade begins at " + plan.bases.front().version.text));
}

// The declaration gets the settings of the recipes that another one has.
base::Result<void> take_settings(project::Project& project, const TestOrder& order,
                                 const Caller& caller) {
  if (order.settings_of.empty()) return {};
  CCCI_TRY(const project::Project other, open_other(order.settings_of, "--settings-of"));
  const bool by_name = order.recipe.find('/') == std::string::npos;
  if (by_name && !other.declaration.recipes.contains(order.recipe))
    caller.warn(base::printable(order.settings_of.native()) + " declares no recipe '" +
                base::printable(order.recipe) + "': the test has no settings");
  declare::take_settings(other.declaration, project.declaration);
  return {};
}

// How far the recipe was read.
struct Reading {
  run::Intent intent;
  std::optional<run::Checkout> checkout = {};
  bool of_recipe = false;  // an error is about the recipe's files
};

base::Result<run::Plan> read_recipe(const project::Project& project, const TestOrder& order,
                                    const Caller& caller, const fs::path& work, Reading& reading) {
  auto checkout =
      run::Checkout::make(reading.intent.source, order.ref, work, base::real_processes());
  if (!checkout) {
    reading.of_recipe = checkout.error().is(base::Condition::too_large);
    return base::unexpected(std::move(checkout).error());
  }
  reading.intent.commit = checkout->commit();
  reading.checkout.emplace(std::move(*checkout));
  auto plan =
      run::make_plan(reading.intent.source, *reading.checkout, reading.intent.only, order.base);
  if (!plan) {
    reading.of_recipe = true;
    return base::unexpected(std::move(plan).error());
  }
  warn_of_base(order.base, *plan, caller);
  const auto others = run::plan_dependencies(*plan, project.declaration, project.directory(), work,
                                             base::real_processes());
  if (others) return plan;
  const std::string other(others.error().field("dependency"));
  if (other.empty()) return base::unexpected(others.error());
  // What another recipe's files or server lack says nothing about this one.
  run::give_up_deployment(
      *plan, "dependency " + other + " cannot be read: " + wording::placed_line(others.error()));
  return plan;
}

// The values of the declaration that are secrets by their names.
run::Mask mask_of(const run::Source& source) {
  run::Mask mask;
  for (const auto& [key, value] : source.settings.env) {
    const bool secret = key.find("PASSWORD") != std::string::npos ||
                        key.find("SECRET") != std::string::npos ||
                        key.find("TOKEN") != std::string::npos;
    if (secret) mask.add(value);
  }
  return mask;
}

struct Run {
  const run::Setup& setup;
  const run::Plan& plan;
  const Reading& reading;
  const TestOrder& order;
  const TestRecord& record;
  std::string name;
  declare::SettingDigests settings;
};

base::Result<Tested> execute(const Run& run, const Caller& caller, const Pause& pause) {
  caller.begins();
  const fs::path& out = run.record.directory();
  run::Mask mask = mask_of(run.reading.intent.source);
  base::Progress& progress = caller.context.progress;
  const fs::path place = run.record.place();
  CCCI_TRY(RunLog log, RunLog::open(place / "log.txt", progress, mask));
  CCCI_TRY(const std::vector<std::string> reaped, run::reap_dead_runs(run.setup));
  for (const std::string& dead : reaped) log.note(dead);
  run::RunRequest request;
  request.name = run.name;
  request.out = place;
  if (run.order.keep_backup) request.keep_backup = place / sweep::backup_name;
  request.asked_to_stop = caller.asked_to_stop;
  request.pause = [&](const run::Result&, const fs::path& socket) {
    pause(docker_command(run.setup, "unix://" + socket.native()));
  };
  progress.begin("testing " + run.plan.recipe, tiers_that_run(run.plan),
                 base::Progress::Unit::things);
  auto executed = run::execute(run.setup, run.plan, *run.reading.checkout, request, log, mask);
  progress.end();
  if (!executed) return run.record.not_begun(run.reading.intent, executed.error());
  run::Result& result = *executed;
  result.settings = run.settings;
  if (result.error) result.problem = mask.masked(wording::one_line(*result.error));
  CCCI_CHECK(results::write_files(result, place, mask));
  const fs::path socket = run.setup.engines() / result.kept / "docker.sock";
  std::string docker = docker_command(
      run.setup, result.engine.empty() ? "unix://" + socket.native() : result.engine);
  if (!result.kept.empty()) {
    engine::Records records(run.setup.engines());
    note_kept(records, result, out, docker, caller);
  }
  return Tested{std::move(result), out, std::move(mask), std::move(docker)};
}

}  // namespace

base::Result<run::Plan> plan_test(project::Project project, const TestOrder& order,
                                  const Caller& caller) {
  CCCI_CHECK(take_settings(project, order, caller));
  CCCI_CHECK(add_catalogue(project, order.recipe, caller, false));
  CCCI_TRY(run::Source source,
           run::find_source(order.recipe, project.declaration, project.directory()));
  CCCI_TRY(const run::Work work, run::Work::temporary("run"));
  if (!declare::engine_socket(source.settings.engine).empty())
    source.distinction = work.distinction();
  Reading reading{.intent = {std::move(source), order.tiers, {}}};
  return read_recipe(project, order, caller, work.directory(), reading);
}

base::Result<Tested> test(project::Project project, const TestOrder& order, const Caller& caller,
                          const Pause& pause) {
  CCCI_CHECK(take_settings(project, order, caller));
  CCCI_CHECK(add_catalogue(project, order.recipe, caller, true));
  CCCI_TRY(run::Source source,
           run::find_source(order.recipe, project.declaration, project.directory()));
  if (geteuid() != 0) return base::unexpected(base::fail("engine.not-root"));
  CCCI_CHECK(store::Store::look(caller.state()));  // only a state that is root's own
  warn_of_kept(caller);
  CCCI_TRY(const run::Work work, run::Work::make(caller.state() / "runs", "run"));
  if (!declare::engine_socket(source.settings.engine).empty())
    source.distinction = work.distinction();
  Reading reading{.intent = {std::move(source), order.tiers, {}}};
  CCCI_TRY(const TestRecord record, TestRecord::make(order.out, caller.state(), work.name()));
  const auto plan = read_recipe(project, order, caller, work.directory(), reading);
  if (!plan) {
    return reading.of_recipe ? record.unreadable(reading.intent, plan.error())
                             : record.not_begun(reading.intent, plan.error());
  }
  const auto setup = set_up(project, order, caller, *plan);
  if (!setup) return record.not_begun(reading.intent, setup.error());
  // Of the table by which the recipe is known: a directory may be that of an enrolled one.
  const std::string& known_as = plan->settings.name.text;
  return execute({*setup, *plan, reading, order, record, work.name(),
                  declare::setting_digests(known_as, project.declaration)},
                 caller, pause);
}

}  // namespace ccci::job
