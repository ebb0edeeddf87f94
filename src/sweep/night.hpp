// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the plan of a sweep: a new night, or the one that an earlier call did not finish.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/result.hpp"
#include "history/history.hpp"
#include "sweep/decision.hpp"
#include "sweep/enrolment.hpp"
#include "sweep/plan.hpp"

namespace ccci::sweep {

struct Request {
  std::string environment;  // digest
  std::string night = {};   // given by name; empty: a new one, or the unfinished one
  bool partial = false;     // only some of the enrolled recipes
  bool all = false;         // without looking at what is known
  std::chrono::seconds max_age = std::chrono::days(30);
  base::WallTime now;
};

// An unfinished night is continued for so long; later its open recipes are given up.
inline constexpr std::chrono::hours longest_night{20};

// `history` may be null: nothing is known. Changes nothing. [history.*]
base::Result<Plan> make_plan(const Enrolled& enrolled, std::map<std::string, Candidate> candidates,
                             const Request& request, const history::History* history);

// Gives the recipes of unfinished nights that will not be continued a verdict: unverified.
// [history.*]
base::Result<void> close_unfinished(history::History& history, const Plan& plan,
                                    base::WallTime now);

// [sweep.night] unless it is made of letters, digits, '.', '_' and '-'.
base::Result<void> check_night(const std::string& name);

}  // namespace ccci::sweep
