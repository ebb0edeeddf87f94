// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace ccci::source::debian {

// Verifies a release file (clear-signed where `signature` is the same path) to the keys that
// `signed_by` names, or to the machine's trusted ones where it is empty. Returns the fingerprints
// of the keys whose signatures are good, sorted; at least one. `uri` is for messages.
base::Result<std::vector<std::string>> verify_signature(const std::string& file,
                                                        const std::string& signature,
                                                        const std::string& signed_by,
                                                        const std::string& uri);

}  // namespace ccci::source::debian
