// SPDX-License-Identifier: GPL-3.0-or-later
// What is remembered of sweeps: nights, one verdict for each recipe of a night, canonicals.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ccci::history {

enum class Verdict {
  pass,
  fail,
  flaky,       // it failed, and passed when it was run again
  unverified,  // no tier failed, but one could not be shown
};
std::string_view name(Verdict verdict);
std::optional<Verdict> verdict_named(std::string_view name);

// No run comes near these. Larger numbers have no place in the columns of a database.
constexpr int most_levels = 5;
constexpr std::uint64_t longest_time = 1'000'000'000'000;  // ms
constexpr std::uint64_t most_memory = 1ULL << 60U;         // bytes

struct RungRecord {
  std::string name;
  std::string verdict;  // pass, fail, skip, unverified
  std::chrono::milliseconds time{0};

  bool operator==(const RungRecord&) const = default;
};

// The time, or the longest one that a record has.
std::chrono::milliseconds at_most_longest(std::uint64_t milliseconds);

// One verdict. Recipe, night and environment together are unique.
struct Record {
  std::string recipe;
  std::string night;
  std::string environment;  // digest
  std::string version = {};
  std::string commit = {};
  std::string started = {};  // RFC 3339
  Verdict verdict = Verdict::unverified;
  int level = 0;
  std::chrono::milliseconds time{0};
  std::uint64_t peak_memory = 0;       // bytes; 0: unknown
  std::string reason = {};             // the first rung that is not green, one line
  std::string cause = {};              // what probably turned it, if it was green before
  std::string decision = {};           // why it was run
  std::string machine = {};            // that ran it
  std::string place = {};              // directory of its files there
  bool promoted = false;               // it became the canonical
  std::vector<RungRecord> rungs = {};  // in the order of the tiers
  std::map<std::string, std::string> images = {};  // name -> digest
  // Of the declaration, for this recipe: key -> digest. Nothing: an older cc-ci stored the verdict.
  std::optional<std::map<std::string, std::string>> settings = {};
  std::map<std::string, std::string> dependencies =
      {};  // recipe that was deployed before -> version

  bool operator==(const Record&) const = default;
};

// The last known good release of a recipe.
struct Canonical {
  std::string recipe;
  std::string version;
  std::string commit;
  std::string environment;
  std::string night;
  std::string date;           // RFC 3339
  std::string snapshot = {};  // of its data, in a restic repository; empty: there is none

  bool operator==(const Canonical&) const = default;
};

// 1.25 for 1250 ms
double in_seconds(std::chrono::milliseconds time);

// What a sweep decided for one recipe before it began.
struct PlannedRecipe {
  std::string recipe;
  bool run = false;
  std::string reason;
  std::string version;

  bool operator==(const PlannedRecipe&) const = default;
};

struct Night {
  std::string name;  // unique: "2026-11-28", "2026-11-28.2" for a second one of that day
  std::string started;
  std::string ended;  // empty: it runs, or it was killed
  std::string environment;
  std::string machine;
  bool partial = false;  // begun for some of the enrolled recipes only

  bool operator==(const Night&) const = default;
};

// A record as `cc-ci results export --format json` writes and `results import` reads it.
base::Json to_json(const Record& record);
// Nothing if a member is missing or has another type; `why` gets its name.
std::optional<Record> record_of(const base::Json& json, std::string& why);

base::Json to_json(const std::vector<RungRecord>& rungs);
// Record::settings; nothing if it is no object.
std::optional<std::map<std::string, std::string>> settings_of(const base::Json& json);

}  // namespace ccci::history
