// SPDX-License-Identifier: GPL-3.0-or-later
// Executes a plan. Each operation may have been done before, in part or whole; whatever ends this
// half-way leaves `current` at one complete generation, and a new plan does the rest.
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

// What applying a plan comes to, for progress and errors; 0: nothing installed.
std::string way_to(std::uint64_t number);

class Applier {
 public:
  Applier(const Generations& generations, Systemd& systemd, base::Progress& progress,
          base::Disk& disk = base::real_disk())
      : generations_(generations), systemd_(systemd), progress_(progress), disk_(disk) {}

  // `to` and its units' texts, where the plan publishes it. A full disk gets the reserve and one
  // more try. What systemd would not start is left to health. `interrupted` is asked as long as
  // `current` has not been renamed [activate.interrupted]. [activate.*], [base.*]
  base::Result<void> apply(
      const Plan& plan, const Generation& to, const std::map<std::string, std::string>& texts,
      const std::function<bool()>& interrupted = [] { return false; });

  // `current` is healthy: `confirmed` follows it, and nothing is unfinished any more.
  base::Result<void> confirm(const Generation& generation);

  // What systemd said about jobs that it did not take, a line each; for evidence.
  const std::string& refusals() const { return refusals_; }

 private:
  base::Result<void> execute(const Operation& operation, const Generation& to,
                             const std::map<std::string, std::string>& texts);
  base::Result<void> begin(std::uint64_t number);
  base::Result<void> make_link(const Operation& operation);
  base::Result<void> remove_link(const std::string& path);
  base::Result<void> note(const Operation& operation);
  base::Result<void> sync_touched();
  template <typename Action>
  base::Result<void> with_reserve(const Action& action);

  const Generations& generations_;
  Systemd& systemd_;
  base::Progress& progress_;
  base::Disk& disk_;
  std::set<std::filesystem::path> touched_;  // directories not synced yet
  std::string refusals_;
};

// The room that a switch on a full disk gives up first: blocks, and inodes for as many links as a
// generation has. Failing to make it is no error.
void keep_reserve(const Layout& layout, std::size_t links);

}  // namespace ccci::activate
