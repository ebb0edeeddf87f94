// SPDX-License-Identifier: GPL-3.0-or-later
// Carries out a plan on this machine: one process for each recipe, one verdict each.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "history/history.hpp"
#include "sweep/machine.hpp"
#include "sweep/plan.hpp"
#include "sweep/snapshots.hpp"

namespace ccci::sweep {

// What a sweep reports while it runs.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void begin(const std::string& recipe, bool again) = 0;
  // A run that does not fit waits: "needs 1.3 GB of memory, 900 MB are free".
  virtual void wait(const std::string& recipe, const std::string& why) = 0;
  virtual void end(const history::Record& record) = 0;
  virtual void note(const std::string& text) = 0;
};

struct Setup {
  // The command that tests one recipe, without RECIPE and options: cc-ci with its global options
  // and "test".
  std::vector<std::string> test;
  // What stands for the recipe there: its name, or its URL.
  std::map<std::string, std::string> operands;
  std::filesystem::path directory;  // for the files of the runs; exists
  std::string machine;              // its name
  unsigned jobs = 2;
  // How long a run that does not fit waits while no other runs.
  std::chrono::seconds patience = std::chrono::minutes(15);
  std::function<bool()> asked_to_stop = [] { return false; };
  Snapshots* snapshots = nullptr;  // of canonicals; null: only their records are kept
};

struct Swept {
  std::map<std::string, history::Record> records;  // of this night, by recipe
  bool machine_failed = false;                     // a run did, or the results cannot be stored
  bool stopped = false;                            // some recipes have no verdict yet
};

// Begins the night unless it is there, runs the jobs that have no verdict of it, and stores each
// verdict when it is known. Failed runs are run once more, unless their result is settled: then a
// second one would fail too. A recipe that another sweep is testing for the same night is waited
// for. [history.*], [base.*]
base::Result<Swept> execute(const Plan& plan, const Setup& setup, history::History& history,
                            Machine& machine, Watcher& watcher);

// 0, 1, 3, 4 or 143, as `cc-ci sweep` promises.
int exit_status(const Plan& plan, const Swept& swept);

}  // namespace ccci::sweep
