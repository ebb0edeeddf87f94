// SPDX-License-Identifier: GPL-3.0-or-later
// Copies the files of a recipe, whose directory may be a user's: somebody may put a link in the
// place of a file or directory while it is copied, and must not get files of the host into the
// copy.
#pragma once

#include <filesystem>

#include "base/result.hpp"

namespace ccci::run {

// Copies all but `.git` into the new directory `to`. Links are copied as links, and none is
// followed; recipe::Folder follows none that leads out. Leaves out what is no file, directory or
// link. [run.large-recipe], [base.*]
base::Result<void> copy_tree(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace ccci::run
