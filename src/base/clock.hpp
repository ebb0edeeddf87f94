// SPDX-License-Identifier: GPL-3.0-or-later
// Time that only goes forward, as a value passed in: tests turn the hands themselves.
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
