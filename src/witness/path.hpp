// SPDX-License-Identifier: GPL-3.0-or-later
// The ways to run a command in the environment of this host.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "declare/declaration.hpp"

namespace ccci::witness {

struct Path {
  enum class Kind { entrypoint, host, timer, runner, cron };

  Kind kind = Kind::entrypoint;
  std::string name;                  // of the timer, the runner, the user of a crontab, …
  std::string unit;                  // systemd's name of the service of a timer or runner
  std::vector<std::string> trigger;  // the command that makes a runner's engine start a job
  std::string shell = {};            // that cron uses; empty: /bin/sh

  // "timer nightly-sweep", "host PATH"
  std::string title() const;
  // "timer-nightly-sweep": the name of its request (request_queue.hpp)
  std::string request() const;

  bool operator==(const Path&) const = default;
};

// A job in a crontab of this host that enters the environment.
struct CronEntry {
  std::string user;
  std::string shell;
};
// One path for each user: cron gives all jobs of a user the same.
std::vector<Path> cron_paths(const std::vector<CronEntry>& entries);

// All others: the entrypoint that the test names, the host's PATH, each timer, each runner.
std::vector<Path> paths(const declare::Declaration& declaration);

}  // namespace ccci::witness
