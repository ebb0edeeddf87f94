// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/fd.hpp"

#include <unistd.h>

namespace ccci::base {

void Fd::reset() {
  // Not retried on EINTR: Linux has released the number by then, and a retry could close another's.
  if (number_ >= 0) close(number_);
  number_ = -1;
}

}  // namespace ccci::base
