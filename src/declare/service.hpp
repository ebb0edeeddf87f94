// SPDX-License-Identifier: GPL-3.0-or-later
// What runs in the environment: entrypoints, timers, runners, the hosts they are on, and what shows
// that a host is well.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "declare/name.hpp"

namespace ccci::declare {

struct Entrypoint {
  Name name;
  std::vector<std::string> exec;  // put before the arguments; empty: the arguments are the command

  bool operator==(const Entrypoint&) const = default;
};

struct Timer {
  Name name;
  std::string schedule;           // systemd calendar expression, checked
  std::vector<std::string> exec;  // exec[0] names an entrypoint
  std::string directory = {};     // absolute; empty: the project's at the switch
  std::string user = {};          // empty: root

  bool operator==(const Timer&) const = default;
};

struct Runner {
  Name name;
  std::string kind;                       // one of runner_kinds()
  std::string unit;                       // systemd unit; empty: the kind's own
  std::string program = {};               // the daemon's file on the host, absolute; or empty
  std::vector<std::string> trigger = {};  // makes the engine run one job; empty: nothing can

  bool operator==(const Runner&) const = default;
};

struct Host {
  Name name;
  std::vector<Name> extra_tools;
  std::string address = {};  // ssh destination; empty: the host's name

  bool operator==(const Host&) const = default;
};

// [health]: what must hold after a switch, before the deadline.
struct Health {
  std::vector<std::string> units;                  // systemd units that are to be active
  std::vector<std::vector<std::string>> commands;  // that are to end with status 0
  std::chrono::seconds deadline{60};

  bool operator==(const Health&) const = default;
};

// Kinds of runner that a declaration may name.
const std::vector<std::string>& runner_kinds();
// The unit that a kind's packages or documentation install; empty where each installation has a
// name of its own.
std::string_view usual_unit(std::string_view kind);

}  // namespace ccci::declare
