// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/recipe_settings.hpp"

#include <set>
#include <utility>

#include "base/hash.hpp"
#include "base/json.hpp"

namespace ccci::declare {

namespace {

base::Json checks_of(const EnrolledRecipe& recipe) {
  base::Json list = base::Json::array();
  for (const RecipeCheck& check : recipe.checks)
    list.push_back({{"name", check.name.text},
                    {"path", check.path},
                    {"host", check.host},
                    {"status", static_cast<std::uint64_t>(check.status)},
                    {"title", check.title},
                    {"text", check.text}});
  return list;
}

base::Json hooks_of(const EnrolledRecipe& recipe) {
  base::Json list = base::Json::array();
  for (const RecipeHook& hook : recipe.hooks)
    list.push_back({{"point", static_cast<std::uint64_t>(hook.point)},
                    {"service", hook.service},
                    {"run", hook.run}});
  return list;
}

base::Json seconds_of(std::chrono::seconds span) {
  return span.count() == 0 ? base::Json(nullptr)
                           : base::Json(static_cast<std::uint64_t>(span.count()));
}

bool is_default(const base::Json& value) {
  return value.is_null() ||
         (value.is_string() ? value.text_or_empty().empty() : !value.number() && value.empty());
}

const EnrolledRecipe& recipe_named(const std::string& name, const Declaration& declaration) {
  static const EnrolledRecipe without_settings;
  const auto found = declaration.recipes.find(name);
  return found == declaration.recipes.end() ? without_settings : found->second;
}

SettingDigests digests_of(const EnrolledRecipe& recipe, const Declaration& declaration) {
  base::Json dependencies = base::Json::array();
  for (const Name& other : recipe.dependencies) dependencies.push_back(other.text);
  const std::string& engine = recipe.engine.empty() ? declaration.recipe_engine : recipe.engine;
  const bool usual = recipe.deadline == usual_recipe_deadline;
  SettingDigests digests;
  for (const auto& [key, value] :
       {std::pair{"allow", base::Json(recipe.allow)}, std::pair{"checks", checks_of(recipe)},
        std::pair{"deadline", usual ? base::Json(nullptr) : seconds_of(recipe.deadline)},
        std::pair{"dependencies", std::move(dependencies)},
        std::pair{"engine", base::Json(engine_socket(engine))},
        std::pair{"env", base::Json(recipe.env)}, std::pair{"hooks", hooks_of(recipe)},
        std::pair{"path", base::Json(recipe.path)}, std::pair{"skip", base::Json(recipe.skip)},
        std::pair{"timeout", seconds_of(recipe.timeout)}}) {
    if (!is_default(value)) digests.emplace(key, base::sha256(value.dump()).short_hex());
  }
  return digests;
}

// With what they need themselves. They may go round in a circle, which the run reports.
void add_dependencies(const EnrolledRecipe& recipe, const Declaration& declaration,
                      std::set<std::string>& names) {
  for (const Name& other : recipe.dependencies) {
    if (!names.insert(other.text).second) continue;
    add_dependencies(recipe_named(other.text, declaration), declaration, names);
  }
}

}  // namespace

SettingDigests setting_digests(const std::string& recipe, const Declaration& declaration) {
  const EnrolledRecipe& settings = recipe_named(recipe, declaration);
  SettingDigests digests = digests_of(settings, declaration);
  std::set<std::string> others;
  add_dependencies(settings, declaration, others);
  others.erase(recipe);
  for (const std::string& other : others) {
    for (const auto& [key, digest] : digests_of(recipe_named(other, declaration), declaration))
      digests.emplace(key + " of " + other, digest);
  }
  return digests;
}

std::vector<std::string> changed_settings(const SettingDigests& before,
                                          const SettingDigests& after) {
  std::set<std::string> changed;
  for (const auto& [one, other] : {std::pair{&before, &after}, std::pair{&after, &before}}) {
    for (const auto& [key, digest] : *one) {
      const auto same = other->find(key);
      if (same == other->end() || same->second != digest) changed.insert(key);
    }
  }
  return {changed.begin(), changed.end()};
}

void take_settings(const Declaration& other, Declaration& declaration) {
  std::map<std::string, EnrolledRecipe> recipes;
  for (const auto& [name, now] : declaration.recipes) {
    const auto then = other.recipes.find(name);
    EnrolledRecipe recipe = then == other.recipes.end() ? EnrolledRecipe{} : then->second;
    recipe.name = now.name;
    recipe.source = now.source;
    recipe.branch = now.branch;
    recipe.images = now.images;
    recipes.emplace(name, std::move(recipe));
  }
  // One of the catalogue may have had a table then. A recipe with a source of its own is not
  // enrolled any more.
  for (const auto& [name, then] : other.recipes)
    if (then.source.empty()) recipes.emplace(name, then);
  declaration.recipes = std::move(recipes);
  declaration.recipe_engine = other.recipe_engine;
}

}  // namespace ccci::declare
