// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.hpp"
#include "lock/lock.hpp"

namespace ccci::python {

// Whether every wheel of the lock was built for the lock's Python and architecture. pip chooses
// such wheels, but a person or a merge may have changed the lock. [python.wrong-wheel]
base::Result<void> check_wheels(const lock::Lock& lock);

}  // namespace ccci::python
