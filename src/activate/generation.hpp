// SPDX-License-Identifier: GPL-3.0-or-later
// One generation of a host: the system that was activated, what it was made from, and its health
// rules.
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

// The rules in the declaration's [health], checked after every switch.
struct HealthRules {
  std::vector<std::string> units;
  std::vector<std::vector<std::string>> commands;
  std::chrono::seconds deadline{60};

  bool operator==(const HealthRules&) const = default;
};

// The commit from which a generation was made.
struct Origin {
  std::string commit;
  bool dirty = false;
  std::string override_reason = {};  // why a gate that blocks was overridden
};

struct Generation {
  std::uint64_t number = 0;  // 0: nothing is installed
  std::string host;
  std::string system;                           // "HASH-HOST", an object of the store
  std::string system_path;                      // STATE/store/system/HASH-HOST/root
  std::string digest;                           // of the system object, 64 hex digits
  std::string environment;                      // hash of the host's environment
  std::string state;                            // state directory of the store that holds it
  std::string time;                             // RFC 3339, UTC
  std::string commit;                           // HEAD of the project; empty: unknown
  bool dirty = false;                           // the project had uncommitted changes
  std::string override_reason = {};             // why a gate that blocks was overridden
  std::string project;                          // directory of the declaration; empty: none
  std::map<std::string, std::string> units;     // path below systemd/ to the SHA-256 of its text
  std::map<std::string, std::string> attached;  // a runner's unit to the environment it is put in
  HealthRules health;

  bool operator==(const Generation&) const = default;
  // True if all except number, time, commit, dirty and override is equal: activating it would
  // change nothing.
  bool same_as(const Generation& other) const;
};

base::Json to_json(const HealthRules& rules);
// Unknown members are not an error, because a later cc-ci may have written them. [activate.record]
base::Result<HealthRules> health_rules(const base::Json& json, std::string_view file);

std::string write_record(const Generation& generation);
// `file` names the text in the error. [activate.record]
base::Result<Generation> read_record(std::string_view text, std::string_view file);

std::vector<std::string> timers_of(const Generation& generation);    // "nightly.timer"
std::vector<std::string> services_of(const Generation& generation);  // the services of the timers
std::vector<std::string> attached_of(const Generation& generation);  // runners' units

// The hash of the environment that a runner's drop-in gives its service; empty if it gives none.
std::string told_environment(std::string_view drop_in);

// Whether a unit's text may have this path below systemd/: "X.service", "X.timer" or
// "UNIT.d/50-cc-ci.conf". systemd never gets any other file from cc-ci.
bool is_unit_path(std::string_view path);
// Whether systemd accepts this as a unit's name.
bool is_unit_name(std::string_view name);
}  // namespace ccci::activate
