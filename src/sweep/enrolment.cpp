// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/enrolment.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "declare/forms.hpp"

namespace ccci::sweep {

base::Result<Enrolled> read_catalogue(std::string_view text, const std::string& path) {
  const auto wrong = [&](const std::string& why) {
    return base::unexpected(base::fail("sweep.catalogue").with("path", path).with("why", why));
  };
  const auto json = base::Json::parse(text);
  if (!json) return wrong("it is no JSON");
  if (!json->is_object()) return wrong("expected an object with a member for each recipe");
  Enrolled found;
  for (const auto& [name, entry] : json->items()) {
    const std::string objection = declare::objection(declare::forms::recipe, name);
    if (!objection.empty()) return wrong("recipe '" + base::printable(name) + "': " + objection);
    declare::EnrolledRecipe recipe;
    recipe.name.text = name;
    recipe.source = entry["repository"].text_or_empty();
    if (recipe.source.empty()) return wrong("recipe '" + name + "' has no 'repository'");
    const std::string source = declare::objection(declare::forms::recipe_source, recipe.source);
    if (!source.empty()) return wrong("recipe '" + name + "': 'repository': " + source);
    recipe.branch = entry["default_branch"].text_or_empty();
    if (!recipe.branch.empty()) {
      const std::string branch = declare::objection(declare::forms::branch, recipe.branch);
      if (!branch.empty()) return wrong("recipe '" + name + "': 'default_branch': " + branch);
    }
    found.emplace(name, std::move(recipe));
  }
  return found;
}

base::Result<Enrolled> enrolled(const declare::Declaration& declaration,
                                const Enrolled& catalogue) {
  Enrolled all = declaration.recipes;
  const std::vector<std::string>& excluded = declaration.catalogue.exclude;
  for (const auto& [name, recipe] : catalogue) {
    if (std::find(excluded.begin(), excluded.end(), name) != excluded.end()) continue;
    const auto [place, is_new] = all.emplace(name, recipe);
    if (!is_new && place->second.source.empty()) {
      place->second.source = recipe.source;
      if (place->second.branch.empty()) place->second.branch = recipe.branch;
    }
  }
  for (const auto& [name, recipe] : all) {
    if (recipe.source.empty()) {
      return base::unexpected(base::fail("sweep.no-source")
                                  .with("recipe", name)
                                  .with("catalogue", declaration.catalogue.place));
    }
  }
  if (all.empty()) {
    return base::unexpected(base::fail("sweep.nothing").with("path", declaration.file));
  }
  return all;
}

}  // namespace ccci::sweep
