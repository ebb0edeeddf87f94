// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the plan of a sweep: a new night, or the one that an earlier call did not finish.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "history/history.hpp"
#include "sweep/decision.hpp"
#include "sweep/enrolment.hpp"
#include "sweep/plan.hpp"

namespace ccci::sweep {

struct Request {
  std::string environment;  // digest
  std::string night = {};   // given by name; empty: a new one, or an unfinished one of `machine`
  std::string machine = {};
  bool partial = false;  // only some of the enrolled recipes
  bool all = false;      // without looking at what is known
  unsigned at_once = 2;  // recipes on one machine
  std::chrono::seconds max_age = std::chrono::days(30);
  base::WallTime now;
  std::string unknown = {};  // why `environment` is empty
};

// Tells what a test of the recipe would take for the images of this verdict. May be empty.
using LookAtImages =
    std::function<ImagesNow(const std::string& recipe, const history::Record& last)>;

// Asks the repository whether the tag leads to a commit. May be empty: then each does.
using LookAtTag = std::function<bool(const std::string& recipe, const std::string& tag)>;

// An unfinished night is continued for so long; later its open recipes are given up. After a clock
// was set back, a night that seems to begin later is continued as well; one that cannot be, because
// its environment was another one, is given up if it seems to begin so much later.
inline constexpr std::chrono::hours longest_night{20};

// `history` may be null: nothing is known. Changes nothing itself. `images` is asked for recipes
// that were green, `is_release` for what would be run and was not green before.
// [history.*], [sweep.night-recipe]
base::Result<Plan> make_plan(const Enrolled& enrolled, std::map<std::string, Candidate> candidates,
                             const Request& request, const history::History* history,
                             const LookAtImages& images = {}, const LookAtTag& is_release = {});

// Gives the open recipes of nights that are too old to be continued a verdict: unverified. Not of
// the night of `plan`. Returns the nights that had open recipes. [history.*]
base::Result<std::vector<std::string>> close_old(history::History& history, const Plan& plan,
                                                 base::WallTime now);

// Ends the night of `plan` if no recipe of it is without a verdict. A sweep of all recipes also
// gives the ones that are not enrolled any more a verdict. Returns whether the night has ended.
// [history.*]
base::Result<bool> end_if_done(history::History& history, const Plan& plan, base::WallTime now);

// The night with all its recipes, also those of other calls: what its report shows. [history.*]
base::Result<Plan> whole_night(const history::History& history, const Plan& plan);

// [sweep.night] unless it is made of letters, digits, '.', '_' and '-'.
base::Result<void> check_night(const std::string& name);
// [sweep.night-recipe] if a recipe has the name: `results show NAME` could mean both. [history.*]
base::Result<void> check_no_recipe(const std::string& night, const std::set<std::string>& recipes,
                                   const history::History* history);

}  // namespace ccci::sweep
