// SPDX-License-Identifier: GPL-3.0-or-later
// What this machine has free, and processes that test one recipe each: the edges of a sweep.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/date.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::sweep {

struct Free {
  std::uint64_t memory = 0;  // bytes
  std::uint64_t disk = 0;
};

// One started program.
class JobProcess {
 public:
  virtual ~JobProcess() = default;
  // The exit status, or 128 + signal, once it has ended.
  virtual std::optional<int> ended() = 0;
  virtual void stop() = 0;  // SIGTERM: cc-ci test then takes down what it deployed
  virtual void kill() = 0;
};

class Machine {
 public:
  virtual ~Machine() = default;
  virtual base::WallTime now() = 0;
  virtual base::Clock::Time tick() = 0;  // for durations: nobody sets it
  virtual void pause() = 0;              // for a fraction of a second
  virtual Free free(const std::filesystem::path& directory) = 0;
  // Its output goes to `log`, which is replaced. If this process dies, it gets SIGTERM. [base.exec]
  virtual base::Result<std::unique_ptr<JobProcess>> start(const std::vector<std::string>& argv,
                                                          const std::filesystem::path& log) = 0;
};
Machine& this_machine();

}  // namespace ccci::sweep
