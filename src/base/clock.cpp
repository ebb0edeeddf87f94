// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.hpp"

namespace ccci::base {

Clock& real_clock() {
  class Real final : public Clock {
    Time now() override { return std::chrono::steady_clock::now(); }
  };
  static Real instance;
  return instance;
}

}  // namespace ccci::base
