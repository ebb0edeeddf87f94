// SPDX-License-Identifier: GPL-3.0-or-later
// Runs one program of the environment next to an engine, to its end.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "engine/companion.hpp"
#include "run/watcher.hpp"

namespace ccci::run {

struct Finished {
  int status = 0;        // exit status, 128 + signal, or -1 if it did not end in time
  std::string output;    // the last bytes of stdout and stderr
  bool stopped = false;  // the run must end
};

// Starts a program, e.g. PrivateEngine::start_beside or Ingress::start_visitor.
using StartProgram =
    std::function<base::Result<engine::Companion>(engine::CompanionCommand command)>;

base::Result<Finished> finish(const StartProgram& start, engine::CompanionCommand command,
                              std::chrono::seconds limit, const Stopping& stopping,
                              std::size_t kept = 64U << 10U);

}  // namespace ccci::run
