// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the members of an opened libarchive handle into a tree.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/tree_writer.hpp"

struct archive;

namespace ccci::store {

// `pending`: an error that a callback of this handle has met; it wins over libarchive's own words.
// Extended attributes, access lists and set-id bits are not kept, `dropped` names them.
base::Result<void> write_members(archive* handle, TreeWriter& tree, const base::Error& pending,
                                 std::vector<std::string>& dropped);

// Of control.tar: regular files with plain names, of 1 MiB at most but for the lists of files and
// symbols. [store.control-member]
base::Result<void> write_control(archive* handle, TreeWriter& tree, const base::Error& pending);

}  // namespace ccci::store
