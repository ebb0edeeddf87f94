// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/recipe_keys.hpp"

#include <algorithm>
#include <charconv>

#include "declare/span.hpp"

namespace ccci::declare {

namespace {

using enum Type;

constexpr Key recipe_rows[] = {
    {.path = "recipes",
     .meaning = "the Co-op Cloud recipes that `cc-ci test` knows by name; with any of them the "
                "environment also has docker.io, haproxy and restic"},
    {.path = "recipes.catalogue",
     .type = text,
     .value = &forms::recipe_source,
     .meaning = "a catalogue of recipes (recipes.json), a file relative to this one or a URL; each "
                "recipe in it is enrolled",
     .example = R"("catalogue/recipes.json")",
     .shown = Shown::hidden},
    {.path = "recipes.exclude",
     .type = list,
     .value = &forms::recipe,
     .meaning = "recipes of the catalogue that are not enrolled",
     .example = R"(["mailu"])",
     .shown = Shown::hidden},
    {.path = "recipes.engine",
     .type = text,
     .value = &forms::engine_address,
     .meaning = "the Docker Engine that recipes are deployed on: the socket of a swarm manager on "
                "this machine; default: private, an engine of each test's own",
     .example = R"("unix:///var/run/docker.sock")",
     .shown = Shown::hidden},
    {.path = "recipes.*", .name = &forms::recipe, .meaning = "a recipe", .example = "gitea"},
    {.path = "recipes.*.source",
     .type = text,
     .value = &forms::recipe_source,
     .meaning = "its directory, relative to this file, or the URL of its git repository; default: "
                "that of the catalogue",
     .example = R"("https://git.example.org/recipes/gitea.git")"},
    {.path = "recipes.*.branch",
     .type = text,
     .value = &forms::branch,
     .meaning = "the branch to test; default: what the repository has checked out",
     .example = R"("main")"},
    {.path = "recipes.*.images",
     .type = list,
     .value = &forms::image_archive,
     .meaning = "image archives, as docker save or cc-ci image writes them; the engine has their "
                "images from the start",
     .example = R"(["images/gitea.tar"])"},
    {.path = "recipes.*.engine",
     .type = text,
     .value = &forms::engine_address,
     .meaning = "the Docker Engine that it is deployed on; default: that of [recipes]",
     .example = R"("unix:///var/run/docker.sock")",
     .shown = Shown::hidden},
    {.path = "recipes.*.path",
     .type = text,
     .value = &forms::url_path,
     .meaning = "the path that must be served; default: the router's own, or /",
     .example = R"("/health")"},
    {.path = "recipes.*.timeout",
     .type = text,
     .value = &forms::timeout,
     .meaning =
         "the time that one deployment may take; default: the recipe's timeout label, or 5min",
     .example = R"("10min")"},
    {.path = "recipes.*.deadline",
     .type = text,
     .value = &forms::timeout,
     .meaning = "the time that a whole test may take; default: 1h",
     .example = R"("2h")"},
    {.path = "recipes.*.allow",
     .type = list,
     .value = &forms::permission,
     .meaning =
         "what the recipe may do although it reaches out of its containers; pull: have images that "
         "no archive has fetched from their registry",
     .example = R"(["host-paths"])",
     .choices = recipe_permissions},
    {.path = "recipes.*.dependencies",
     .type = list,
     .value = &forms::recipe,
     .meaning = "recipes of [recipes] that are deployed before, into the same engine",
     .example = R"(["keycloak"])",
     .shown = Shown::hidden},
    {.path = "recipes.*.hooks",
     .meaning = "commands at points of the test",
     .shown = Shown::hidden},
    {.path = "recipes.*.hooks.*",
     .name = &forms::hook_point,
     .meaning = "a point: after-install, before-upgrade, after-upgrade, before-backup or "
                "after-restore",
     .example = "before-upgrade",
     .shown = Shown::hidden},
    {.path = "recipes.*.hooks.*.service",
     .type = text,
     .value = &forms::service,
     .meaning = "the service in whose container the command runs; default: app",
     .example = R"("db")",
     .shown = Shown::hidden},
    {.path = "recipes.*.hooks.*.run",
     .type = text,
     .value = &forms::hook_line,
     .required = true,
     .meaning = "a command line for the container's shell; the tier fails if it fails",
     .example = R"("gitea admin user create --username ci --random-password")",
     .shown = Shown::hidden},
    {.path = "recipes.*.env",
     .meaning = "values of its variables and secrets that nobody can guess"},
    {.path = "recipes.*.env.*",
     .type = text,
     .name = &forms::variable,
     .value = &forms::variable_value,
     .meaning = "a variable of .env.sample, or a secret by its name in capitals",
     .example = R"(SMTP_PASSWORD = "not-a-secret")"},
    {.path = "recipes.*.skip", .meaning = "tiers that do not apply to the recipe"},
    {.path = "recipes.*.skip.*",
     .type = text,
     .name = &forms::tier,
     .value = &forms::reason,
     .meaning = "the reason why this tier is skipped; the result shows it",
     .example = R"(backup = "it has no data")"},
    {.path = "recipes.*.checks", .meaning = "pages that must be served as they say"},
    {.path = "recipes.*.checks.*",
     .name = &forms::service,
     .meaning = "a page",
     .example = "front"},
    {.path = "recipes.*.checks.*.path",
     .type = text,
     .value = &forms::url_path,
     .meaning = "its path; default: /",
     .example = R"("/login")"},
    {.path = "recipes.*.checks.*.host",
     .type = text,
     .value = &forms::host_name,
     .meaning = "the name to ask for; default: the app's domain",
     .example = R"("files.gitea.cc-ci.test")",
     .shown = Shown::hidden},
    {.path = "recipes.*.checks.*.status",
     .type = integer,
     .value = &forms::http_status,
     .meaning = "the HTTP status of its answer; default: any below 400",
     .example = "200"},
    {.path = "recipes.*.checks.*.title",
     .type = text,
     .value = &forms::page_text,
     .meaning = "the title of the page",
     .example = R"("Gitea")"},
    {.path = "recipes.*.checks.*.text",
     .type = text,
     .value = &forms::page_text,
     .meaning = "a text that the answer contains",
     .example = R"("Sign in")"},
    {.path = "sweep", .meaning = "how `cc-ci sweep` tests all recipes", .shown = Shown::hidden},
    {.path = "sweep.schedule",
     .type = text,
     .value = &forms::schedule,
     .meaning = "when a host sweeps: a systemd calendar expression; without it only by hand",
     .example = R"("03:00")",
     .shown = Shown::hidden},
    {.path = "sweep.hosts",
     .type = list,
     .value = &forms::tool,
     .meaning = "the hosts that sweep on this schedule; default: every host",
     .example = R"(["ci-1"])",
     .shown = Shown::hidden},
    {.path = "sweep.results",
     .type = text,
     .value = &forms::results_address,
     .meaning = "the PostgreSQL database that keeps the results of several machines; default: a "
                "file of the state directory",
     .example = R"("postgresql://ci@db.example.org/cc-ci")",
     .shown = Shown::hidden},
    {.path = "sweep.jobs",
     .type = integer,
     .value = &forms::job_count,
     .meaning = "how many recipes are tested at once; default: 2",
     .example = "4",
     .shown = Shown::hidden},
    {.path = "sweep.max_age",
     .type = text,
     .value = &forms::retention,
     .meaning = "a recipe whose last run is older is tested again; default: 30d",
     .example = R"("14d")",
     .shown = Shown::hidden},
    {.path = "sweep.keep",
     .type = text,
     .value = &forms::retention,
     .meaning = "the files of older runs are removed, their verdicts stay; default: 30d",
     .example = R"("90d")",
     .shown = Shown::hidden},
    {.path = "sweep.keep_size",
     .type = text,
     .value = &forms::byte_count,
     .meaning = "the files of the oldest runs are removed above this size; default: 5GB",
     .example = R"("20GB")",
     .shown = Shown::hidden},
    {.path = "sweep.snapshots",
     .type = text,
     .value = &forms::restic_repository,
     .meaning =
         "the restic repository that keeps the data of each canonical release; default: none",
     .example = R"("/srv/backup/cc-ci")",
     .shown = Shown::hidden},
    {.path = "sweep.snapshots_password",
     .type = text,
     .value = &forms::secret_file,
     .meaning = "the file on the host with the password of that repository; default: "
                "snapshots.password in the state directory, made when it is needed",
     .example = R"("/root/restic.password")",
     .shown = Shown::hidden},
    {.path = "sweep.notify",
     .type = list,
     .value = &forms::argument,
     .meaning = "an entrypoint or an absolute path, and arguments; runs at the end of a sweep, its "
                "input is the result of the sweep as JSON",
     .example = R"(["/usr/local/bin/tell-us"])",
     .shown = Shown::hidden},
    {.path = "sweep.notify_when",
     .type = text,
     .value = &forms::permission,
     .meaning = "change: if a verdict differs from the one before; always; red: if a recipe is "
                "not green; default: change",
     .example = R"("always")",
     .shown = Shown::hidden,
     .choices = sweep_notify_times},
};

// The texts of a list; none of an absent one.
std::vector<std::string> items_of(const Node* list) {
  std::vector<std::string> result;
  if (list == nullptr) return result;
  for (const Node& item : list->items) result.push_back(item.text);
  return result;
}

std::string text_of(const Node* node) { return node == nullptr ? std::string() : node->text; }

template <typename Visit>
void each_entry(const Node* table, Visit visit) {
  if (table == nullptr) return;
  for (const Entry& entry : table->entries) visit(entry);
}

EnrolledRecipe read_recipe(const Entry& entry, const Lines& lines) {
  const Node& from = entry.value;
  EnrolledRecipe result{.name = Name{entry.key, lines.at(entry.at)},
                        .source = text_of(from.find("source")),
                        .branch = text_of(from.find("branch")),
                        .images = items_of(from.find("images")),
                        .skip = {},
                        .env = {},
                        .allow = items_of(from.find("allow")),
                        .path = text_of(from.find("path"))};
  each_entry(from.find("skip"), [&](const Entry& e) { result.skip.emplace(e.key, e.value.text); });
  each_entry(from.find("env"), [&](const Entry& e) { result.env.emplace(e.key, e.value.text); });
  result.timeout = time_span(text_of(from.find("timeout"))).value_or(std::chrono::seconds(0));
  result.deadline = time_span(text_of(from.find("deadline"))).value_or(std::chrono::seconds(0));
  result.engine = text_of(from.find("engine"));
  each_entry(from.find("checks"), [&](const Entry& e) {
    RecipeCheck check{.name = Name{e.key, lines.at(e.at)}};
    if (const Node* path = e.value.find("path")) check.path = path->text;
    check.host = text_of(e.value.find("host"));
    const std::string status = text_of(e.value.find("status"));
    std::from_chars(status.data(), status.data() + status.size(), check.status);
    check.title = text_of(e.value.find("title"));
    check.text = text_of(e.value.find("text"));
    result.checks.push_back(std::move(check));
  });
  if (const Node* list = from.find("dependencies")) {
    for (const Node& item : list->items)
      result.dependencies.push_back({item.text, lines.at(item.at)});
  }
  each_entry(from.find("hooks"), [&](const Entry& e) {
    const std::vector<std::string>& points = recipe_hook_points();
    const auto point = std::find(points.begin(), points.end(), e.key);
    if (point == points.end()) return;  // a mistake, which the form reports
    RecipeHook hook{.point = static_cast<HookPoint>(point - points.begin())};
    if (const Node* service = e.value.find("service")) hook.service = service->text;
    hook.run = text_of(e.value.find("run"));
    result.hooks.push_back(std::move(hook));
  });
  return result;
}

}  // namespace

std::span<const Key> recipe_keys() { return recipe_rows; }

std::map<std::string, EnrolledRecipe> read_recipes(const Node& table, const Lines& lines) {
  std::map<std::string, EnrolledRecipe> result;
  for (const Entry& entry : table.entries) {
    // `catalogue`, `exclude` and `engine` are no recipes.
    if (find_key("recipes", entry.key)->last() != "*") continue;
    result.emplace(entry.key, read_recipe(entry, lines));
  }
  return result;
}

RecipeCatalogue read_catalogue(const Node& table) {
  return {text_of(table.find("catalogue")), items_of(table.find("exclude"))};
}

Sweep read_sweep(const Node& table, const Lines& lines) {
  Sweep sweep;
  sweep.schedule = text_of(table.find("schedule"));
  if (const Node* hosts = table.find("hosts")) {
    for (const Node& host : hosts->items) sweep.hosts.push_back({host.text, lines.at(host.at)});
  }
  sweep.results = text_of(table.find("results"));
  const std::string jobs = text_of(table.find("jobs"));
  std::from_chars(jobs.data(), jobs.data() + jobs.size(), sweep.jobs);
  sweep.max_age = time_span(text_of(table.find("max_age"))).value_or(sweep.max_age);
  sweep.keep = time_span(text_of(table.find("keep"))).value_or(sweep.keep);
  sweep.keep_size = byte_count(text_of(table.find("keep_size"))).value_or(sweep.keep_size);
  sweep.snapshots = text_of(table.find("snapshots"));
  sweep.snapshots_password = text_of(table.find("snapshots_password"));
  sweep.notify = items_of(table.find("notify"));
  const std::string when = text_of(table.find("notify_when"));
  if (when == "always") sweep.notify_when = NotifyWhen::always;
  if (when == "red") sweep.notify_when = NotifyWhen::red;
  return sweep;
}

}  // namespace ccci::declare
