// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine does not take of a stack.
#pragma once

#include <optional>

#include "base/error.hpp"
#include "run/outcome.hpp"

namespace ccci::run {

// A failure that the recipe causes, with the engine's words and a remedy. Nothing: it is one of the
// machine.
std::optional<Outcome> rejection_of(const base::Error& error);

}  // namespace ccci::run
