// SPDX-License-Identifier: GPL-3.0-or-later
// The parent of each path that something writes below one directory. No link is followed on the
// way to it, so nothing is ever written somewhere else, whatever lies on the disk.
#pragma once

#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::base {

struct Place {
  int directory;     // valid until the next call; the caller does not close it
  std::string name;  // the path's last part
};

// Keeps the last parent open, since most paths have the parent of the one before them.
class ParentDirectory {
 public:
  // The caller keeps `root` open.
  explicit ParentDirectory(int root) : root_(root) {}

  // The directory must exist. [base.open]: std::errc::too_many_symbolic_link_levels if a part of
  // the path is a link (openat2(2), RESOLVE_NO_SYMLINKS), not_a_directory if it is a file.
  Result<Place> of(const std::string& path);

 private:
  int root_;
  std::string path_;
  Fd parent_;
};

}  // namespace ccci::base
