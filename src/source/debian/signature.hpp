// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace ccci::source::debian {

// Verifies a release file against the keys that `signed_by` names. If `signed_by` is empty, the
// machine's trusted keys are used. If `signature` is the same path, the file is clear-signed.
// Returns the sorted fingerprints of the keys with good signatures, at least one. `uri` is for
// messages.
base::Result<std::vector<std::string>> verify_signature(const std::string& file,
                                                        const std::string& signature,
                                                        const std::string& signed_by,
                                                        const std::string& uri);

}  // namespace ccci::source::debian
