// SPDX-License-Identifier: GPL-3.0-or-later
// What a run will do, as a value: `--dry-run` prints it, tests compare it, and the run executes it.
// Planning reads the recipe's files and starts nothing.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "recipe/app.hpp"
#include "recipe/backup.hpp"
#include "recipe/route.hpp"
#include "recipe/version.hpp"
#include "run/source.hpp"
#include "run/verdict.hpp"

namespace ccci::run {

// An app at one commit, and what a test has to know of it.
struct Deployable {
  recipe::App app;
  std::string version;  // of a release, or of the compose file's label
  std::string commit;
  bool chaos = false;  // deployed as a commit and not as a release
  recipe::Routing routing;
  std::vector<recipe::Backup> backups;
  std::string recipe;
  std::string domain;
  std::string path;                        // that must be served; empty: the router's
  std::vector<declare::RecipeHook> hooks;  // of the declaration
};

// The rung of routers of another protocol than HTTP: they are named there, so that the tiers tell
// of the app's pages alone. Only a recipe with such routers has it.
inline constexpr const char* routers_rung = "routers";

struct TierPlan {
  std::string name;
  // Decided before anything runs: skip or unverified, with the reason.
  std::optional<Verdict> decided;
  std::string reason;
};

struct Plan {
  std::string recipe;
  std::string domain;
  std::string distinction;  // see Source
  Deployable head;
  bool dirty = false;
  std::vector<recipe::Release> bases;  // of the upgrade, the best first
  std::vector<TierPlan> tiers;         // all, in the order of the result, and `routers`
  std::set<std::string> images;        // that the head needs
  std::chrono::seconds timeout{300};   // of one deployment
  std::chrono::seconds deadline = declare::usual_recipe_deadline;
  std::vector<std::string> test_files;  // of the recipe, for pytest
  std::vector<Plan> dependencies;       // deployed before, in this order
  // release/VERSION of each version after the first base, the oldest first, and release/next.
  std::vector<ReleaseNote> release_notes;
  declare::EnrolledRecipe settings;

  const TierPlan& tier(std::string_view name) const;
  bool runs(std::string_view tier) const { return !this->tier(tier).decided; }
};

// `only` are the tiers to run; empty: all. `base` is the version to upgrade from first; empty: the
// newest older one. A version that is no base of this commit has no effect. [recipe.*]
base::Result<Plan> make_plan(const Source& source, const Checkout& checkout,
                             const std::set<std::string>& only, const std::string& base = {});

// The app of the files. `release` is its version; without one it is a chaos deployment.
base::Result<Deployable> deployable(const recipe::Folder& files, const Plan& plan,
                                    const std::string& commit, bool dirty,
                                    const std::optional<std::string>& release);

// Nothing but lint can be shown: a recipe that this one needs cannot be had.
void give_up_deployment(Plan& plan, const std::string& reason);

// A service without tasks: recipes turn services off in this way, so nobody needs its image.
bool is_off(const recipe::Service& service);

// "no value for A, B: declare it in [recipes.NAME.env]"
std::string no_value_for(const std::vector<std::string>& keys, const std::string& recipe);

base::Json to_json(const Plan& plan);

}  // namespace ccci::run
