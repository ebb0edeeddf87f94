// SPDX-License-Identifier: GPL-3.0-or-later
// Where the files of a sweep's runs are, and how long they stay.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/date.hpp"
#include "base/result.hpp"
#include "history/history.hpp"

namespace ccci::sweep {

// Suffixes in `runs_of()`. Names of recipes have no '+'.
inline constexpr std::string_view second_run = "+again";
inline constexpr std::string_view lock_file = "+lock";  // held while the recipe is tested

// One directory for each run of a night. The night's reports are beside it.
std::filesystem::path runs_of(const std::filesystem::path& directory, const std::string& night);

// Removes files of old runs of this machine. Their verdicts stay. Returns the bytes that it freed.
base::Result<std::uint64_t> prune(history::History& history, const std::string& machine,
                                  const std::filesystem::path& below, std::chrono::seconds keep,
                                  std::uint64_t keep_size, base::WallTime now);

// What the service of the first red tier said last, in lines. Of a flaky recipe it is that of its
// first run. Empty if there is none, or if its files are gone or on another machine.
std::string last_words(const std::filesystem::path& below, const std::string& machine,
                       const history::Record& record);

// What the runs of a verdict that is not green left on this machine. Paths are empty if there is no
// such file any more.
struct Evidence {
  std::string last_words = {};           // see last_words()
  std::filesystem::path log = {};        // of the run that counts
  std::filesystem::path first_log = {};  // of the run before it, in the same night

  bool operator==(const Evidence&) const = default;
};
Evidence evidence_of(const std::filesystem::path& below, const std::string& machine,
                     const history::Record& record);

}  // namespace ccci::sweep
