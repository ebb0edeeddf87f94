// SPDX-License-Identifier: GPL-3.0-or-later
// What differs between two runs of each recipe. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "history/history.hpp"

namespace ccci::history {

enum class Change {
  turned_red,
  turned_green,
  turned_flaky,
  turned_unverified,
  other_reason,  // not green both times, for another reason
  slower,        // by more than its own noise
  grew,          // its peak of memory
  appeared,
  appeared_red,
  vanished,
};
std::string_view name(Change change);

struct Difference {
  std::string recipe;
  Change change = Change::vanished;
  std::string before;  // a verdict, a time or a size; empty if it appeared
  std::string after;
  std::string reason = {};  // of the later verdict

  bool operator==(const Difference&) const = default;
};

using States = std::map<std::string, Record>;               // recipe -> its record
using Noise = std::map<std::string, std::vector<Measure>>;  // recipe -> earlier green runs

// Recipes whose two records differ enough in time or memory that their noise has to be known.
std::vector<std::string> needs_noise(const States& before, const States& after);

// Slower: more than a fifth, than two seconds, and than three standard deviations of the earlier
// green runs. Grew: more than a quarter, than 16 MB, and than three standard deviations.
std::vector<Difference> compare(const States& before, const States& after, const Noise& noise);

base::Json to_json(const Difference& difference);

}  // namespace ccci::history
