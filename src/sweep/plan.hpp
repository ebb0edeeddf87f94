// SPDX-License-Identifier: GPL-3.0-or-later
// What a sweep will do, as a value: `--dry-run` prints it, the executor or another engine carries
// it out.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "history/record.hpp"
#include "sweep/decision.hpp"

namespace ccci::sweep {

// What one run is expected to need of the machine. The engine itself takes 300 MB of memory.
struct Need {
  std::uint64_t memory = 1'000'000'000;  // bytes
  std::uint64_t disk = 2'000'000'000;

  bool operator==(const Need&) const = default;
};
// From the peak of the last run, where one is known.
Need need_of(const std::optional<history::Record>& last);

struct Job {
  Decision decision;
  Need need;
  std::chrono::seconds deadline = declare::usual_recipe_deadline;  // of a run
  declare::SettingDigests settings = {};

  bool operator==(const Job&) const = default;
};

struct Plan {
  std::string night;
  std::string started;      // RFC 3339
  std::string environment;  // digest
  bool continued = false;   // the night was begun by an earlier call
  bool partial = false;     // only some of the enrolled recipes
  unsigned at_once = 2;     // recipes on one machine
  std::vector<Job> jobs;    // by name: those that run and those that are skipped
  std::map<std::string, history::Record> known;  // last verdicts before this night
  std::map<std::string, history::Record> done;   // verdicts that this night has already

  std::size_t to_run() const;
};

// "2026-11-28", or "2026-11-28.2" if a night of that name is there.
std::string new_night(const std::string& date, const std::vector<history::Night>& nights);

base::Json to_json(const Plan& plan);

}  // namespace ccci::sweep
