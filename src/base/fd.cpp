// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/fd.hpp"

#include <unistd.h>

namespace ccci::base {

void Fd::reset() {
  // No retry on EINTR: Linux has already released the number. A retry could close the descriptor of
  // another thread.
  if (number_ >= 0) close(number_);
  number_ = -1;
}

}  // namespace ccci::base
