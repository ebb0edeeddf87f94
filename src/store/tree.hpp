// SPDX-License-Identifier: GPL-3.0-or-later
// Walks a directory tree by descriptors: no path is resolved twice, no link is followed.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "store/manifest.hpp"

namespace ccci::store {

// Objects are made by us with less; deeper is damage or an attack.
inline constexpr std::size_t deepest_tree = 256;

struct Node {
  const std::string& path;  // relative to where the walk began
  int parent;               // descriptor of the directory that holds it
  const char* name;
  const struct stat& status;
};

enum class Step { on, skip, stop };  // skip: does not enter this directory

struct Visitor {
  std::function<Step(const Node&)> enter;  // each entry, names in byte order
  std::function<Step(const Node&)> leave;  // each directory, after what it holds; may be empty
  // What could not be read; the walk goes on beside it. Without it the walk ends with the error.
  std::function<void(const std::string& path, int number)> unreadable;
};

// False where a visitor said stop. [base.open], [base.read]
base::Result<bool> walk(int directory, const Visitor& visitor);

// The manifest of a tree as it lies there, without the entry `except` at its top. [base.open],
// [base.read], and [store.file-type] for what is neither directory nor file nor link.
base::Result<Manifest> measure(int directory, std::string_view except = {});

// The target of a link.
base::Result<std::string> read_link(int directory, const char* name);

}  // namespace ccci::store
