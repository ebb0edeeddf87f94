// SPDX-License-Identifier: GPL-3.0-or-later
// Executes a plan. An operation may already be done, in part or completely. If the process is
// killed, `current` still points to one complete generation, and a new plan does the rest.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "activate/generations.hpp"
#include "activate/plan.hpp"
#include "activate/systemd.hpp"
#include "base/progress.hpp"

namespace ccci::activate {

// The name of the change to this generation, for progress and errors. 0 means: nothing installed.
std::string way_to(std::uint64_t number);

class Applier {
 public:
  Applier(const Generations& generations, Systemd& systemd, base::Progress& progress,
          base::Disk& disk = base::real_disk())
      : generations_(generations), systemd_(systemd), progress_(progress), disk_(disk) {}

  // Changes the host to generation `to`. `texts` are its units' texts, needed if the plan publishes
  // it. If the disk is full, gives up the reserve and tries once more. If systemd does not start a
  // unit, the health check reports it. Calls `interrupted` until `current` is renamed
  // [activate.interrupted]. [activate.*], [base.*]
  base::Result<void> apply(
      const Plan& plan, const Generation& to, const std::map<std::string, std::string>& texts,
      const std::function<bool()>& interrupted = [] { return false; });

  // Call when `current` is healthy: sets `confirmed` to it and removes the marks of an unfinished
  // switch.
  base::Result<void> confirm(const Generation& generation, bool healthy);

  // The messages of systemd about jobs that it refused, one line each; for evidence.
  const std::string& refusals() const { return refusals_; }

 private:
  base::Result<void> execute(const Operation& operation, const Generation& to,
                             const std::map<std::string, std::string>& texts);
  base::Result<void> begin(std::uint64_t number);
  base::Result<void> make_link(const Operation& operation);
  base::Result<void> remove_link(const std::string& path);
  base::Result<void> note(const Operation& operation);
  void stamp(const std::vector<std::string>& timers) const;
  base::Result<void> sync_touched();
  template <typename Action>
  base::Result<void> with_reserve(const Action& action);

  const Generations& generations_;
  Systemd& systemd_;
  base::Progress& progress_;
  base::Disk& disk_;
  std::set<std::filesystem::path> touched_;  // directories that are not synced yet
  std::vector<std::string> removed_units_;   // since the last reload
  std::string refusals_;
};

// Reserves disk space that a switch gives up on a full disk: blocks, and inodes for the links of
// one generation. If the reserve cannot be made, this is not an error.
void keep_reserve(const Layout& layout, std::size_t links);

}  // namespace ccci::activate
