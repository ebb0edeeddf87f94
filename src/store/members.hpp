// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the members of an opened libarchive handle into a tree.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/tree_writer.hpp"

struct archive;
struct archive_entry;

namespace ccci::store {

// One member of an archive, as libarchive describes it.
struct Member {
  std::string name;
  std::string hard_link;
  std::string target;
  TreeWriter::Time time;
  unsigned type = 0;  // AE_IFREG, …
  unsigned mode = 0;
  std::uint64_t size = 0;
  bool size_known = false;
};

// The next member. Nothing at the end. [store.archive-form] for a zip with a compression that may
// ask for any amount of memory.
base::Result<std::optional<Member>> next_member(archive* handle, const base::Error& pending,
                                                std::vector<std::string>& dropped);
// Calls `write` with each piece of the member's content. A hole of a sparse file calls `zeros`.
base::Result<void> read_content(archive* handle, const Member& member, const base::Error& pending,
                                const std::function<base::Result<void>(std::string_view)>& write,
                                const std::function<base::Result<void>(std::uint64_t)>& zeros);

// `pending` is the error that a callback of this handle set; it is returned instead of libarchive's
// own message. Extended attributes, access lists and set-id bits are not kept; `dropped` lists
// them.
base::Result<void> write_members(archive* handle, TreeWriter& tree, const base::Error& pending,
                                 std::vector<std::string>& dropped);

// A script or a file of questions. keyboard-configuration has one of 2 MB.
inline constexpr std::uint64_t largest_control_member = 16U << 20U;

// Writes the members of control.tar: only regular files with plain names. The file with the fields
// of the package has at most 1 MiB, a list of files or symbols 64 MiB. [store.control-member]
base::Result<void> write_control(archive* handle, TreeWriter& tree, const base::Error& pending);

}  // namespace ccci::store
