// SPDX-License-Identifier: GPL-3.0-or-later
// Walks a directory tree with file descriptors. No path is resolved twice, and no link is followed.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "store/manifest.hpp"

namespace ccci::store {

// The store's own objects are less deep. A deeper tree is damaged or an attack.
inline constexpr std::size_t deepest_tree = 256;

struct Node {
  const std::string& path;  // relative to the start of the walk
  int parent;               // descriptor of the directory that holds it
  const char* name;
  const struct stat& status;
};

enum class Step { on, skip, stop };  // skip: does not enter this directory

struct Visitor {
  std::function<Step(const Node&)> enter;  // for each entry, in byte order of the names
  std::function<Step(const Node&)> leave;  // for each directory, after its content; may be empty
  // Called for an entry that could not be read; the walk then continues with the next one. If it is
  // empty, the walk ends with the error.
  std::function<void(const std::string& path, int number)> unreadable;
};

// False if a visitor returned Step::stop. [base.open], [base.read]
base::Result<bool> walk(int directory, const Visitor& visitor);

// The manifest of a tree on the disk, without the entry `except` at its top. [base.open],
// [base.read], and [store.file-type] for an entry that is not a directory, file or link.
base::Result<Manifest> measure(int directory, std::string_view except = {},
                               Times times = Times::own);

// Gives the directories of a tree, and the tree's own directory, mode 755 and the time that follows
// from their content. Call it last, because creating an entry changes the time of its parent.
// [base.write]
base::Result<void> normalise_directories(int root, const TreeDigests& digests);

// The target of a link.
base::Result<std::string> read_link(int directory, const char* name);

}  // namespace ccci::store
