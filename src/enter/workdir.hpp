// SPDX-License-Identifier: GPL-3.0-or-later
// The caller's working directory, kept over the entry. Below /usr or a directory of /etc it is
// looked up again by its path: staying would leave the host's directory reachable as '.'.
#pragma once

#include "kernel.hpp"

namespace ccci::enter {

class Workdir {
 public:
  void note();

  // After a namespace was made in place: the kernel carried the directory over. Ends the process
  // where it is covered by the environment and absent there.
  void settle() const;

  // After a namespace was joined, which put the process in its root: true where the same directory
  // (the environment's, where covered) stands at the same path again. False: not reachable by path
  // there (removed, or hidden); the caller goes back and takes a namespace of its own.
  bool restore() const;

 private:
  bool is_covered() const;

  char path_[4096] = {};
  bool known_ = false;
  struct statx about_ = {};
};

}  // namespace ccci::enter
