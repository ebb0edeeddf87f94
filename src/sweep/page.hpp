// SPDX-License-Identifier: GPL-3.0-or-later
// A sweep as files for people and programs: one HTML page, JUnit, JSON.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "history/record.hpp"
#include "sweep/plan.hpp"
#include "sweep/run_files.hpp"
#include "sweep/sweep.hpp"

namespace ccci::sweep {

using Past = std::map<std::string, std::vector<history::Record>>;  // recipe -> latest first

using Evidences = std::map<std::string, Evidence>;  // by recipe; of what is not green

// Of the verdicts of `swept`. `below` is the directory of all nights.
Evidences evidences_of(const Swept& swept, const std::filesystem::path& below,
                       const std::string& machine);

// One row of the report.
struct Line {
  const Job* job = nullptr;
  const history::Record* record = nullptr;  // null: skipped, or no verdict yet
  std::string change;                       // "pass -> fail"; empty: as before
};
std::vector<Line> lines(const Plan& plan, const Swept& swept);

// The object that `cc-ci sweep --json` prints.
base::Json to_json(const Plan& plan, const Swept& swept, const Evidences& evidences = {});
std::string to_junit(const Plan& plan, const Swept& swept, const Evidences& evidences = {});
// `directory` is where the page will be: links to files of runs are relative to it.
std::string to_html(const Plan& plan, const Swept& swept, const Past& past,
                    const std::filesystem::path& directory, const Evidences& evidences = {});

// sweep.json, junit.xml and summary.html. [base.*]
base::Result<void> write_files(const Plan& plan, const Swept& swept, const Past& past,
                               const Evidences& evidences, const std::filesystem::path& directory);

// Whether the notify command is to be run.
bool is_news(const Plan& plan, const Swept& swept, declare::NotifyWhen when);

}  // namespace ccci::sweep
