// SPDX-License-Identifier: GPL-3.0-or-later
// The operations of a switch, as data. A dry run prints them, tests compare them, apply() executes
// them.
//
// This order makes it safe to kill the switch at any point:
//   begin     writes to /run that a switch is unfinished
//   publish   writes the new generation completely, next to the others
//   pause     stops our timers, so that none starts during the switch; a running job continues
//   link      makes every new link; it is broken until `activate`, so its unit is not found
//   note      writes to /run which services must be restarted
//   activate  renames `current`: only this step changes the host
//   unlink    removes the links that only the old generation had
//   reload    systemd reads the units
//   restart   restarts running services whose text changed or whose process is in another
//             environment; starts enabled services that were down and may need the new text
//   stamp     tells systemd that timers with a changed schedule ran just now, so that the switch
//             does not make up for a run that the old schedule or a removed timer missed
//   start     starts the timers
// After this the health check runs, then the generation is confirmed.
#pragma once

#include <string>
#include <vector>

#include "activate/generation.hpp"
#include "activate/observe.hpp"
#include "activate/runner_jobs.hpp"

namespace ccci::activate {

struct Operation {
  enum class Act {
    begin,
    publish,
    pause,
    link,
    note,
    activate,
    unlink,
    reload,
    restart,
    stamp,
    start
  };

  Act act = Act::begin;
  std::string path = {};                // link, unlink
  std::string target = {};              // link: its text; note: the StartedWith of units[0]
  std::vector<std::string> units = {};  // pause, note, restart, stamp, start
  std::uint64_t generation = 0;         // begin, publish, activate

  bool operator==(const Operation&) const = default;
};

struct Plan {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::vector<Operation> operations;
  // Services that must run at the end, because they ran before or should have.
  std::vector<std::string> required;
  std::vector<RunnerJob> busy;  // jobs that the restarts would kill; the caller finds them

  bool empty() const { return operations.empty(); }
  bool operator==(const Plan&) const = default;
};

// Plans the way from the observed state to generation `to`. `from` is the current generation.
// `published` means that `to` already exists. [activate.foreign] names each path where a foreign
// file is in the way.
base::Result<Plan> make_plan(const Observed& observed, const Generation& from, const Generation& to,
                             bool published);

// The units that the plan restarts.
std::vector<std::string> restarted(const Plan& plan);

// "restart   woodpecker-agent.service"
std::string describe(const Operation& operation);
base::Json to_json(const Plan& plan);

}  // namespace ccci::activate
