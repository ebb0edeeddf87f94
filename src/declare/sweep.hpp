// SPDX-License-Identifier: GPL-3.0-or-later
// [sweep]: how all enrolled recipes are tested, and what is kept of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "declare/name.hpp"

namespace ccci::declare {

enum class NotifyWhen {
  change,  // a recipe's verdict differs from the one before
  always,
  red,  // a recipe is neither green nor skipped
};
const std::vector<std::string>& sweep_notify_times();

// "500MB", "20 GiB": powers of ten and of two. Nothing for another text.
std::optional<std::uint64_t> byte_count(std::string_view text);

// The name of the timer and service that run [sweep] schedule.
inline constexpr const char* sweep_unit = "cc-ci-sweep";

struct Sweep {
  std::string schedule = {};     // when hosts sweep: a calendar expression; empty: never
  std::vector<Name> hosts = {};  // that sweep; empty: every host
  std::string results = {};      // of a PostgreSQL database; empty: a file of the state directory
  unsigned jobs = 2;
  std::chrono::seconds max_age = std::chrono::days(30);
  std::chrono::seconds keep = std::chrono::days(30);  // files of runs
  std::uint64_t keep_size = 5'000'000'000;            // bytes of all files of runs
  std::string snapshots = {};           // restic repository for the data of canonicals; empty: none
  std::string snapshots_password = {};  // file with its password; empty: one of the state directory
  std::vector<std::string> notify = {};  // a command; empty: none
  NotifyWhen notify_when = NotifyWhen::change;

  bool operator==(const Sweep&) const = default;
};

}  // namespace ccci::declare
