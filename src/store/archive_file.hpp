// SPDX-License-Identifier: GPL-3.0-or-later
// Unpacks a pinned archive that is not a .deb: a tar in any common compression, a zip, or a single
// program file.
#pragma once

#include <string>

#include "base/result.hpp"
#include "store/budget.hpp"
#include "store/unpack.hpp"

namespace ccci::store {

// `file` is a regular file whose digest was already checked. A program is written to root/NAME,
// with the name of the package.
// [store.archive-form] if the file is none of these forms. Also returns the errors of TreeWriter
// and write_members.
base::Result<Unpacked> unpack_archive(int file, const PackageSource& source, int root,
                                      Budget& budget);

}  // namespace ccci::store
