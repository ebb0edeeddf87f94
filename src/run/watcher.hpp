// SPDX-License-Identifier: GPL-3.0-or-later
// What a run reports while it runs. The application shows it; the log keeps it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "run/verdict.hpp"

namespace ccci::run {

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void begin(std::string_view tier) = 0;
  // What the tier waits for now: "service app 0/1".
  virtual void wait(std::string_view what) = 0;
  virtual void end(const Rung& rung) = 0;
  virtual void note(std::string_view text) = 0;
  // For the log only: what is too long for the result.
  virtual void log(std::string_view text) = 0;
};

// Why a run must end before it is complete. Asked often; must be cheap.
enum class Stop { no, deadline, asked, disk_full };
using Stopping = std::function<Stop()>;

}  // namespace ccci::run
