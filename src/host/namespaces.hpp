// SPDX-License-Identifier: GPL-3.0-or-later
// Access to the mount namespaces that the launcher keeps for environments.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace ccci::host {

// Asks the launcher to release the namespace of a garbage-collected environment. Succeeds if there
// is no such namespace.
base::Result<void> release_namespace(const std::string& environment);

// Does the same for every environment whose files were deleted, for example with its whole state
// directory: a kept namespace keeps their disk space in use until the next boot. Returns the
// hashes.
base::Result<std::vector<std::string>> release_deleted();

}  // namespace ccci::host
