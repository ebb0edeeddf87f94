// SPDX-License-Identifier: GPL-3.0-or-later
// The ways by which a command gets to run in the environment of this host.
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
  std::string unit;                  // systemd's name of a timer's or runner's service
  std::vector<std::string> trigger;  // of a runner: what makes its engine start a job

  // "timer nightly-sweep", "host PATH"
  std::string title() const;
  // "timer-nightly-sweep": the name of its request (desk.hpp)
  std::string request() const;

  bool operator==(const Path&) const = default;
};

// All of them: the entrypoint that the test names, the host's PATH, each timer, each runner.
std::vector<Path> paths(const declare::Declaration& declaration);

}  // namespace ccci::witness
