// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the members of an opened libarchive handle into a tree.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/tree_writer.hpp"

struct archive;

namespace ccci::store {

// `pending` is the error that a callback of this handle set; it is returned instead of libarchive's
// own message. Extended attributes, access lists and set-id bits are not kept; `dropped` lists
// them.
base::Result<void> write_members(archive* handle, TreeWriter& tree, const base::Error& pending,
                                 std::vector<std::string>& dropped);

// Writes the members of control.tar: only regular files with plain names. Each has at most 1 MiB,
// except the lists of files and symbols. [store.control-member]
base::Result<void> write_control(archive* handle, TreeWriter& tree, const base::Error& pending);

}  // namespace ccci::store
