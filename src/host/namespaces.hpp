// SPDX-License-Identifier: GPL-3.0-or-later
// Access to the mount namespaces that the launcher keeps for environments.
#pragma once

#include <string>

#include "base/result.hpp"

namespace ccci::host {

// Asks the launcher to release the namespace of a garbage-collected environment. Succeeds if there
// is no such namespace.
base::Result<void> release_namespace(const std::string& environment);

}  // namespace ccci::host
