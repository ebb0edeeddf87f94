// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the caller's working directory when the launcher enters the environment. A directory below
// /usr or below a directory of /etc is looked up again by its path. Otherwise the host's directory
// would stay reachable as '.'.
#pragma once

#include "kernel.hpp"

namespace ccci::enter {

class Workdir {
 public:
  void note();

  // Call after a namespace was made in place: the kernel kept the working directory. Ends the
  // process if the environment covers the directory and does not have it.
  void settle() const;

  // Call after a namespace was joined: this moved the process to the root directory. Returns true
  // if the same directory (or the environment's, if covered) is at the same path again. Returns
  // false if the directory cannot be reached by its path there (removed or hidden); the caller then
  // goes back and makes a namespace of its own.
  bool restore() const;

 private:
  bool is_covered() const;

  char path_[4096] = {};
  bool known_ = false;
  struct statx about_ = {};
};

}  // namespace ccci::enter
