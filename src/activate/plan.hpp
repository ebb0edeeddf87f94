// SPDX-License-Identifier: GPL-3.0-or-later
// What a switch will do, as a value: printed by a dry run, compared by tests, executed by apply().
//
// The order is what makes it safe to be killed anywhere:
//   begin     says on /run that something is unfinished
//   publish   the new generation, whole, beside the others
//   pause     our timers: none may start on half a switch; a run at work goes on
//   link      every new name; it leads nowhere yet, which is a unit that is not found
//   note      the services that will have to be restarted
//   activate  renames `current`: the one moment at which the host changes
//   unlink    the names that only the generation before had
//   reload    systemd reads the units
//   restart   running services whose text changed, or whose process lives in another environment;
//             also such that are enabled and were down: they may have waited for this text
//   start     the timers
// Health is asked after it, then the generation is confirmed.
#pragma once

#include <string>
#include <vector>

#include "activate/generation.hpp"
#include "activate/observe.hpp"

namespace ccci::activate {

struct Operation {
  enum class Act { begin, publish, pause, link, note, activate, unlink, reload, restart, start };

  Act act = Act::begin;
  std::string path = {};                // link, unlink
  std::string target = {};              // link: its text; note: the StartedWith of units[0]
  std::vector<std::string> units = {};  // pause, note, restart, start
  std::uint64_t generation = 0;         // begin, publish, activate

  bool operator==(const Operation&) const = default;
};

struct Plan {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::vector<Operation> operations;
  // Services that must be running when all is done, because they were or were meant to be.
  std::vector<std::string> required;

  bool empty() const { return operations.empty(); }
  bool operator==(const Plan&) const = default;
};

// From what is observed to generation `to`. `from` is the one that is current; `published`: `to` is
// there already. [activate.foreign] with each path where something of somebody else's stands
base::Result<Plan> make_plan(const Observed& observed, const Generation& from, const Generation& to,
                             bool published);

// "restart   woodpecker-agent.service"
std::string describe(const Operation& operation);
base::Json to_json(const Plan& plan);

}  // namespace ccci::activate
