// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of the volumes of a release when the next one takes its place.
#pragma once

#include <string>
#include <vector>

#include "recipe/stack.hpp"

namespace ccci::run {

// A sentence for each volume that `before` mounts and that no service of `after` mounts, or that
// services of `after` mount at other paths only. That may be meant, so it is no failure: the data
// stays in the volume, but the app does not find it where it was.
std::vector<std::string> moved_volumes(const recipe::Stack& before, const recipe::Stack& after);

}  // namespace ccci::run
