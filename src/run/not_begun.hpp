// SPDX-License-Identifier: GPL-3.0-or-later
// Results of tests that could not begin. Programs that wait for results.json get one too.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "run/setup.hpp"
#include "run/source.hpp"
#include "run/verdict.hpp"

namespace ccci::run {

// What is known of a test before its recipe was read.
struct Intent {
  Source source;
  std::set<std::string> only;  // the tiers that were asked for; empty: all
  std::string commit;          // empty: not known yet, or the recipe is in no repository
};

// The recipe's files cannot be read or resolved, and that is the recipe's fault: its first tier
// that was to run is red. `words` may have several lines.
Result unreadable_recipe(const Intent& intent, std::string reason, std::string words);

// The variables that the recipe requires by ${X:?} and that have no value, if nothing else is
// wrong. Only a person knows such values, so nothing is known of the recipe either.
std::vector<std::string> missing_values(const base::Error& error);
Result values_missing(const Intent& intent, const std::vector<std::string>& variables);

// Something else failed, so nothing is known of the recipe.
Result not_begun(const Intent& intent, const base::Error& error);

}  // namespace ccci::run
