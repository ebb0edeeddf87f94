// SPDX-License-Identifier: GPL-3.0-or-later
// A pinned archive that is no .deb: a tar in any common compression, a zip, or a bare program.
#pragma once

#include <string>

#include "base/result.hpp"
#include "store/budget.hpp"
#include "store/unpack.hpp"

namespace ccci::store {

// `file` is a regular file, already checked against its digest. A program becomes root/NAME.
// [store.archive-form] for forms that are neither, and what TreeWriter and write_members say.
base::Result<Unpacked> unpack_archive(int file, const std::string& name, int root, Budget& budget);

}  // namespace ccci::store
