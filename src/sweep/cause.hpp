// SPDX-License-Identifier: GPL-3.0-or-later
// What probably turned a recipe that was green. Pure.
#pragma once

#include <optional>
#include <string>

#include "history/record.hpp"
#include "sweep/machine.hpp"
#include "sweep/plan.hpp"

namespace ccci::sweep {

// What differs between the last green verdict and this one: the recipe, the digest of an image, the
// environment, the recipe's settings in the declaration. `free` is what the machine had when the
// run began. Several causes are joined by
// "; ". Says so if nothing moved.
std::string likely_cause(const history::Record& green, const history::Record& red, const Need& need,
                         const Free& free);

}  // namespace ccci::sweep
