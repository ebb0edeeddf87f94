// SPDX-License-Identifier: GPL-3.0-or-later
// A monotonic clock that is passed in, so that tests can set the time.
#pragma once

#include <chrono>

namespace ccci::base {

class Clock {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  virtual Time now() = 0;  // may be called from several threads at once
};
Clock& real_clock();

}  // namespace ccci::base
