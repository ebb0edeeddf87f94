// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/recipe_rules.hpp"

#include <set>

#include "base/text.hpp"

namespace ccci::declare {

namespace {

// Whether `from` needs `wanted`, also through others. `seen` ends circles of others.
bool leads_to(const Declaration& declaration, const std::string& from, const std::string& wanted,
              std::set<std::string>& seen) {
  if (from == wanted) return true;
  const auto recipe = declaration.recipes.find(from);
  if (recipe == declaration.recipes.end() || !seen.insert(from).second) return false;
  for (const Name& name : recipe->second.dependencies)
    if (leads_to(declaration, name.text, wanted, seen)) return true;
  return false;
}

void check_dependency(const std::string& recipe, const Node& item, const Declaration& declaration,
                      Mistakes& mistakes) {
  const std::string key = "recipes." + shown(recipe) + ".dependencies";
  if (!declaration.recipes.contains(item.text)) {
    const std::vector<std::string> known = base::keys_of(declaration.recipes);
    base::Error error =
        base::fail("declare.no-recipe").with("key", key).with("found", shown(item.text));
    const std::string likely = base::likely(item.text, known);
    if (!likely.empty()) error = std::move(error).with("likely", likely);
    mistakes.add(std::move(error), item.at);
    return;
  }
  std::set<std::string> seen;
  if (leads_to(declaration, item.text, recipe, seen))
    mistakes.add(base::fail("declare.recipe-circle").with("key", key).with("recipe", shown(recipe)),
                 item.at);
}

}  // namespace

void check_recipe_rules(const Node& root, const Declaration& declaration, Mistakes& mistakes) {
  const Node* recipes = root.find("recipes");
  if (recipes == nullptr) return;
  for (const Entry& entry : recipes->entries) {
    const Node* list = entry.value.find("dependencies");
    if (list == nullptr) continue;
    for (const Node& item : list->items)
      if (!item.bad) check_dependency(entry.key, item, declaration, mistakes);
  }
}

}  // namespace ccci::declare
