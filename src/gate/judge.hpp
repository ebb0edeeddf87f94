// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "gate/observe.hpp"
#include "gate/phase.hpp"

namespace ccci::gate {

// The reasons why a check failed, one sentence each with the expected and the found value. Empty:
// the check passed. A pure function. `other` is the observation of expect.same_as, if it is given.
// Every expectation about an output fails if the output was truncated.
std::vector<std::string> judge(const Expectation& expect, const Observation& seen,
                               const Observation* other);

}  // namespace ccci::gate
