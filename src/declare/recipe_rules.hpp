// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "declare/declaration.hpp"
#include "declare/document.hpp"
#include "declare/mistakes.hpp"

namespace ccci::declare {

// The part of check_rules() for [recipes]: dependencies must be enrolled, and none may lead back.
void check_recipe_rules(const Node& root, const Declaration& declaration, Mistakes& mistakes);

}  // namespace ccci::declare
