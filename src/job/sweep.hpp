// SPDX-License-Identifier: GPL-3.0-or-later
// One sweep over the recipes of a project: what it needs is made ready, then it is planned, carried
// out, and told.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "history/history.hpp"
#include "host/build.hpp"
#include "job/caller.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"
#include "sweep/enrolment.hpp"
#include "sweep/night.hpp"
#include "sweep/page.hpp"
#include "sweep/search.hpp"
#include "sweep/snapshots.hpp"
#include "sweep/sweep.hpp"

namespace ccci::job {

struct SweepOrder {
  bool acts = true;            // otherwise nothing is built, stored or run
  std::set<std::string> only;  // recipes; empty: all
  unsigned jobs = 2;           // at once
  sweep::Request request;      // without its environment
};

class Sweep {
 public:
  // Reads the catalogue, builds the environment, and opens the results. A sweep of all recipes
  // holds a lock until the object goes. [engine.not-root], [sweep.*], [history.*], [source.*],
  // [store.*]
  static base::Result<Sweep> open(project::Project project, SweepOrder order, Caller caller);

  // [history.*], [sweep.*]
  base::Result<sweep::Plan> plan() const;
  // Where the reports of the plan's night are, and the files of its runs.
  std::filesystem::path directory(const sweep::Plan& plan) const {
    return setup_.directory / plan.night;
  }
  // What the runs of these verdicts left here.
  sweep::Evidences evidences(const sweep::Swept& swept) const {
    return sweep::evidences_of(swept, setup_.directory, setup_.machine);
  }
  // Runs what the plan says, stores the verdicts, and writes the reports. [run.no-program],
  // [sweep.*], [history.*], [base.*]
  base::Result<sweep::Swept> run(const sweep::Plan& plan, sweep::Watcher& watcher);
  // After a sweep that was not stopped: calls the notify command, removes old files and snapshots.
  // [history.*], [base.*]; what changes no verdict is only a warning
  base::Result<void> finish(const sweep::Plan& plan, const sweep::Swept& swept);
  // Finds by running what turned the recipe red. Errors of sweep::search().
  base::Result<sweep::Found> bisect(const std::string& recipe);

 private:
  Sweep(project::Project project, SweepOrder order, Caller caller)
      : project_(std::move(project)), order_(std::move(order)), caller_(std::move(caller)) {}

  base::Result<void> enrol();
  base::Result<void> take_lock();
  base::Result<void> make_environment();
  base::Result<void> open_results();
  base::Result<void> open_snapshots();
  base::Result<void> write_reports(const sweep::Plan& plan) const;
  base::Result<void> notify(const sweep::Plan& plan, const sweep::Swept& swept) const;
  sweep::Setup make_setup() const;

  project::Project project_;
  SweepOrder order_;
  Caller caller_;
  sweep::Enrolment enrolment_;
  base::Fd lock_;
  std::optional<lock::Lock> locked_;         // if it is not out of date
  std::string environment_;                  // digest; empty: it is not known
  std::string unknown_;                      // why
  std::optional<host::Build> built_;         // of the environment; set if the order acts
  std::optional<history::History> history_;  // set if the order acts
  std::unique_ptr<sweep::ResticSnapshots> snapshots_;
  sweep::Setup setup_;
};

}  // namespace ccci::job
