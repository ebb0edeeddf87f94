// SPDX-License-Identifier: GPL-3.0-or-later
// Makes directory entries that survive a power failure.
#pragma once

#include <filesystem>

#include "base/files.hpp"
#include "base/result.hpp"

namespace ccci::activate {

// Makes the directory and its missing parents, and syncs each into its parent. [base.mkdir]
base::Result<void> make_durable_directories(const std::filesystem::path& path, base::Disk& disk);

base::Result<void> sync_directory(const std::filesystem::path& path, base::Disk& disk);

}  // namespace ccci::activate
