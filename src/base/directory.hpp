// SPDX-License-Identifier: GPL-3.0-or-later
// Open directories as paths, and reading a directory where a missing entry would do harm: what
// seems not to be there is removed, or made a second time. std::filesystem's iterator takes an
// error for the end.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace ccci::base {

// In no order. Nothing if the directory does not exist. [base.open]
Result<std::vector<std::filesystem::directory_entry>> entries_of(
    const std::filesystem::path& directory);

// The names in an open directory, without "." and "..", sorted. [base.open]
Result<std::vector<std::string>> names_in(int directory);

// A path of what the descriptor has open, for code that takes only paths: "/proc/self/fd/7". It
// leads there whatever somebody puts in the place of the name meanwhile. Without /proc nothing is
// there, so it is not for entries_of().
std::filesystem::path through(int fd);

}  // namespace ccci::base
