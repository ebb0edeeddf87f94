// SPDX-License-Identifier: GPL-3.0-or-later
// What runs in the environment: entrypoints, timers and runners, their hosts, and the health
// checks.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "declare/name.hpp"

namespace ccci::declare {

struct Entrypoint {
  Name name;
  std::vector<std::string> exec;  // goes before the arguments; empty: the arguments are the command

  bool operator==(const Entrypoint&) const = default;
};

struct Timer {
  Name name;
  std::string schedule;                      // systemd calendar expression, checked
  std::vector<std::string> exec;             // exec[0] names an entrypoint
  std::string directory = {};                // absolute; empty: the project directory at the switch
  std::string user = {};                     // empty: root
  std::chrono::seconds timeout{};            // 0: none
  std::vector<std::string> on_failure = {};  // a command; [0] names an entrypoint or is absolute
  std::vector<Name> hosts = {};              // empty: every host
  std::vector<std::string> environment_files = {};      // paths on the host, NAME=VALUE lines
  std::map<std::string, std::string> credentials = {};  // a name, and a path on the host

  bool operator==(const Timer&) const = default;
};

// The unit that runs a timer's on_failure command.
inline std::string failure_unit(const std::string& timer) { return timer + "-failed.service"; }

struct Runner {
  Name name;
  std::string kind;                       // a name in the table of runner_kind.hpp
  std::string unit;                       // systemd unit; empty: the kind's own
  std::string program = {};               // the daemon's file on the host, absolute; or empty
  std::vector<std::string> trigger = {};  // makes the engine run one job; empty: not possible
  std::vector<Name> hosts = {};           // empty: every host

  bool operator==(const Runner&) const = default;
};

// The name of the timer and service that run [notify].
inline constexpr const char* notify_unit = "cc-ci-notify";

// [notify]: a command that runs when a host begins or ceases to differ from its declaration.
struct Notify {
  std::vector<std::string> exec;  // empty: none; [0] names an entrypoint or is absolute
  std::string schedule;           // when the host is looked at

  bool operator==(const Notify&) const = default;
};

// The checks that must pass after a switch, before the deadline.
struct Health {
  std::vector<std::string> units;                  // systemd units that must be active
  std::vector<std::vector<std::string>> commands;  // commands that must exit with status 0
  std::chrono::seconds deadline{60};

  bool operator==(const Health&) const = default;
};

struct Host {
  Name name;
  std::vector<Name> extra_tools;
  std::string address = {};                           // ssh destination; empty: the host's name
  Health health = {{}, {}, std::chrono::seconds(0)};  // its own checks; deadline 0: not given

  // Whether the host has an environment of its own, and not only the shared one.
  bool has_own_environment() const { return !extra_tools.empty(); }

  bool operator==(const Host&) const = default;
};

}  // namespace ccci::declare
