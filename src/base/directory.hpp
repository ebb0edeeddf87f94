// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a directory where a missing entry would do harm: what seems not to be there is removed,
// or made a second time. std::filesystem's iterator takes an error for the end.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.hpp"

namespace ccci::base {

// In no order. Nothing if the directory does not exist. [base.open]
Result<std::vector<std::filesystem::directory_entry>> entries_of(
    const std::filesystem::path& directory);

}  // namespace ccci::base
