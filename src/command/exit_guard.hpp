// SPDX-License-Identifier: GPL-3.0-or-later
// libapt-pkg ends the process by exit(100) if it cannot start another process (ExecFork() of
// apt-pkg/contrib/fileutl.h). The caller of cc-ci must get an error of ours, and JSON if it asked
// for it.
#pragma once

#include <functional>

namespace ccci::command {

// During its lifetime an exit() anywhere in this process calls `tell` and ends the process with the
// status that it returns. A forked child is not concerned. One at a time.
class ExitGuard {
 public:
  explicit ExitGuard(std::function<int()> tell);
  ~ExitGuard();
  ExitGuard(const ExitGuard&) = delete;
  ExitGuard& operator=(const ExitGuard&) = delete;
};

}  // namespace ccci::command
