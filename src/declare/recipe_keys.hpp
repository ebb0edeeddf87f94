// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of [recipes] and [sweep] in the table of keys, and what they mean as values.
#pragma once

#include <map>
#include <span>
#include <string>

#include "declare/document.hpp"
#include "declare/keys.hpp"
#include "declare/recipe.hpp"
#include "declare/sweep.hpp"

namespace ccci::declare {

std::span<const Key> recipe_keys();

// The nodes have the forms that the rows demand.
std::map<std::string, EnrolledRecipe> read_recipes(const Node& table, const Lines& lines);
RecipeCatalogue read_catalogue(const Node& table);
Sweep read_sweep(const Node& table, const Lines& lines);

}  // namespace ccci::declare
