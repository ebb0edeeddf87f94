// SPDX-License-Identifier: GPL-3.0-or-later
// git's system configuration. Debian's git-lfs leaves `git lfs install` to each user. A job's user
// has never run it, and a clone would then have pointers of 130 bytes instead of the files.
#pragma once

#include "environment/tree.hpp"

namespace ccci::environment {

// Adds /etc/gitconfig with what `git lfs install --system` writes, if git-lfs is in the tree and no
// package has that file.
void add_git_configuration(Tree& tree);

}  // namespace ccci::environment
