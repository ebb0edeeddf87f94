// SPDX-License-Identifier: GPL-3.0-or-later
// [recipes]: the recipes that `cc-ci test` knows by name, with what a test of them needs and that
// no recipe says itself.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "declare/name.hpp"

namespace ccci::declare {

// A page that must answer as it says, when the recipe is deployed.
struct RecipeCheck {
  Name name;
  std::string path = "/";
  std::string host = {};  // empty: the app's domain
  unsigned status = 0;    // 0: any below 400
  std::string title = {};
  std::string text = {};

  bool operator==(const RecipeCheck&) const = default;
};

// When a hook runs. Hooks seed data and look for it later, as nobody but the operator can.
enum class HookPoint { after_install, before_upgrade, after_upgrade, before_backup, after_restore };

// A command line for the shell of a service's container. If it fails, the tier fails.
struct RecipeHook {
  HookPoint point;
  std::string service = "app";
  std::string run = {};

  bool operator==(const RecipeHook&) const = default;
};

inline constexpr std::chrono::seconds usual_recipe_deadline{3600};  // of a whole run

struct EnrolledRecipe {
  Name name;
  std::string source;  // a directory, relative to the declaration, or a URL; empty: the catalogue
                       // has it
  std::string branch = {};                  // empty: what the source has
  std::vector<std::string> images = {};     // archives, relative to the declaration
  std::map<std::string, std::string> skip;  // tier -> reason
  std::map<std::string, std::string> env;   // values that .env.sample cannot know
  std::vector<std::string> allow = {};      // names of what is refused otherwise
  std::string path = {};                    // that must be served; empty: the router's, or "/"
  std::chrono::seconds timeout{};           // of one deployment; 0: the recipe's own label
  std::chrono::seconds deadline{};          // of a whole run; 0: the default
  std::vector<RecipeCheck> checks = {};
  std::vector<Name> dependencies = {};  // enrolled recipes that are deployed before
  std::vector<RecipeHook> hooks = {};   // at most one a point
  std::string engine = {};  // "unix://PATH" or own_engine; empty: as all recipes (Declaration)

  bool operator==(const EnrolledRecipe&) const = default;
};

// [recipes] catalogue: a file of the ecosystem that names many recipes.
struct RecipeCatalogue {
  std::string place;                 // a file, relative to the declaration, or a URL; may be empty
  std::vector<std::string> exclude;  // names in it that are not enrolled

  bool operator==(const RecipeCatalogue&) const = default;
};

// [recipes] engine = "private": an engine of the run's own.
inline constexpr std::string_view own_engine = "private";
// The socket of "unix://PATH"; empty for any other text.
std::string engine_socket(std::string_view engine);

// Names of the tiers of a run, in the order of its result.
const std::vector<std::string>& recipe_tiers();
// Names of the points of hooks, in the order of HookPoint.
const std::vector<std::string>& recipe_hook_points();
// What a recipe may only do if `allow` names it.
const std::vector<std::string>& recipe_permissions();

// The packages that testing a recipe needs: an engine, an ingress, a keeper of backups.
const std::vector<std::string>& recipe_packages();

}  // namespace ccci::declare
