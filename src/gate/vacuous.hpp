// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "gate/phase.hpp"

namespace ccci::gate {

// Why the check would hold whatever happens, or an empty text where nothing is to be seen. No proof
// that a check can fail: it finds the plain forms, an `|| true` at the end, a status that the
// script sets by itself, a comparison of a command with itself, a count that any output has.
std::string vacuous(const Check& check);

}  // namespace ccci::gate
