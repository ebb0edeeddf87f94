// SPDX-License-Identifier: GPL-3.0-or-later
// One generation of a host: which system was activated, from what, and what must hold while it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace ccci::activate {

// What the declaration's [health] asks after every switch.
struct HealthRules {
  std::vector<std::string> units;
  std::vector<std::vector<std::string>> commands;
  std::chrono::seconds deadline{60};

  bool operator==(const HealthRules&) const = default;
};

struct Generation {
  std::uint64_t number = 0;  // 0: nothing is installed
  std::string host;
  std::string system;                           // "HASH-HOST", an object of the store
  std::string system_path;                      // STATE/store/system/HASH-HOST/root
  std::string digest;                           // of the system object, 64 hex digits
  std::string environment;                      // hash of the host's environment
  std::string state;                            // the state directory whose store holds it
  std::string time;                             // RFC 3339, UTC
  std::string commit;                           // HEAD of the project; empty: unknown
  bool dirty = false;                           // the project had changes beside that commit
  std::string project;                          // directory of the declaration; empty: none
  std::map<std::string, std::string> units;     // path below systemd/ to the SHA-256 of its text
  std::map<std::string, std::string> attached;  // a runner's unit to the environment it is put in
  HealthRules health;

  bool operator==(const Generation&) const = default;
  // The same in all but number, time, commit and dirty: activating it would change nothing.
  bool same_as(const Generation& other) const;
};

base::Json to_json(const HealthRules& rules);
// Nothing unknown is an error: a later cc-ci may have written it. [activate.record]
base::Result<HealthRules> health_rules(const base::Json& json, std::string_view file);

std::string write_record(const Generation& generation);
// `file` names the text in the error. [activate.record]
base::Result<Generation> read_record(std::string_view text, std::string_view file);

std::vector<std::string> timers_of(const Generation& generation);    // "nightly.timer"
std::vector<std::string> services_of(const Generation& generation);  // of the timers
std::vector<std::string> attached_of(const Generation& generation);  // runners' units

// The environment whose hash a runner's drop-in tells its service; empty where it tells none.
std::string told_environment(std::string_view drop_in);

// A path that a unit's text may have below systemd/: "X.service", "X.timer" or
// "UNIT.d/50-cc-ci.conf"; no other file is ever put before systemd.
bool is_unit_path(std::string_view path);
// A unit's name as systemd has them.
bool is_unit_name(std::string_view name);

std::string rfc3339(std::chrono::system_clock::time_point time);

}  // namespace ccci::activate
