// SPDX-License-Identifier: GPL-3.0-or-later
// The ways to run a command in the environment of this host.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "declare/declaration.hpp"

namespace ccci::witness {

struct Path {
  enum class Kind { entrypoint, host, timer, runner };

  Kind kind = Kind::entrypoint;
  std::string name;                  // of the timer, the runner, …
  std::string unit;                  // systemd's name of the service of a timer or runner
  std::vector<std::string> trigger;  // the command that makes a runner's engine start a job

  // "timer nightly-sweep", "host PATH"
  std::string title() const;
  // "timer-nightly-sweep": the name of its request (request_queue.hpp)
  std::string request() const;

  bool operator==(const Path&) const = default;
};

// All paths: the entrypoint that the test names, the host's PATH, each timer, each runner.
std::vector<Path> paths(const declare::Declaration& declaration);

}  // namespace ccci::witness
