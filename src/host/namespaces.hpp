// SPDX-License-Identifier: GPL-3.0-or-later
// The mount namespaces that the launcher keeps for environments, from the outside.
#pragma once

#include <string>

#include "base/result.hpp"

namespace ccci::host {

// Asks the launcher to give up the namespace of a collected environment. Good where there is none.
base::Result<void> release_namespace(const std::string& environment);

}  // namespace ccci::host
