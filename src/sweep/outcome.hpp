// SPDX-License-Identifier: GPL-3.0-or-later
// What one run of `cc-ci test` left: its exit status and its results.json.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "history/record.hpp"
#include "sweep/plan.hpp"

namespace ccci::sweep {

struct RunOutcome {
  history::Record record;       // without night, machine, place, cause and promotion
  bool machine_failed = false;  // cc-ci, the engine or the machine, not the recipe
  bool stopped = false;         // by a signal: there is no verdict
  bool dirty = false;           // its files differed from the commit
  bool settled = false;         // red, and a second run would be red too

  bool operator==(const RunOutcome&) const = default;
};

// `results` is what results.json contains; null if it is absent. `said` is the last line of the
// program's output, for a run that wrote none.
RunOutcome outcome_of(const Job& job, const std::string& environment, int exit_status,
                      const base::Json& results, const std::string& said);

// The content of results.json as a record; nothing if it is not the result of a run.
std::optional<history::Record> record_of_results(const base::Json& results);

// Reads results.json and the last line of output.txt. Absent files are no error.
base::Json read_results(const std::filesystem::path& directory);
std::string last_line(const std::filesystem::path& file);

}  // namespace ccci::sweep
