// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "gate/observe.hpp"
#include "gate/phase.hpp"

namespace ccci::gate {

// What does not hold, one sentence each with expected and found; empty: the check held. Pure.
// `other` is the observation of expect.same_as, where there is one. An output that was cut proves
// nothing about itself.
std::vector<std::string> judge(const Expectation& expect, const Observation& seen,
                               const Observation* other);

}  // namespace ccci::gate
