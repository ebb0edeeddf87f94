// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "gate/phase.hpp"

namespace ccci::gate {

// Returns why the check would always pass, or an empty text if no reason was found. An empty text
// does not prove that the check can fail. It finds simple forms: `|| true` at the end, a status
// that the script sets by itself, a comparison of a command with itself, a count that every output
// has.
std::string vacuous(const Check& check);

}  // namespace ccci::gate
