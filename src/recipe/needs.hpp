// SPDX-License-Identifier: GPL-3.0-or-later
// What an app needs that nobody can guess: its key must be set for the recipe, or it cannot be
// tested.
#pragma once

#include <string>
#include <vector>

#include "recipe/app.hpp"

namespace ccci::recipe {

struct Need {
  enum class Kind { secret, router };

  Kind kind = Kind::secret;
  std::string key;      // the variable to set
  std::string service;  // that needs it

  bool operator==(const Need&) const = default;
};

// A secret with generate=false that has no value, and each variable without value in the rule of a
// router that leads nowhere.
std::vector<Need> needs_of(const App& app);

}  // namespace ccci::recipe
