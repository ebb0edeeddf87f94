// SPDX-License-Identifier: GPL-3.0-or-later
// Configures libapt-pkg for our own apt root. Its configuration is global in the process.
//
//   ROOT/etc/sources.list.d/cc-ci.sources   the entries to use, rewritten by every call
//   ROOT/etc/keys/                          keys that were embedded in sources entries
//   ROOT/etc/authorities.pem                trusted for https, if the declaration has authorities
//   ROOT/state/status                       dpkg's status file; empty: no package is installed
//   ROOT/state/lists/                       verified indexes
//   ROOT/cache/                             libapt's cache of the indexes; running downloads
//   ROOT/lock                               flock(2): one process at a time
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "source/debian/archive.hpp"

namespace ccci::source::debian {

// Creates the layout and sets libapt's configuration. It takes over the machine's Acquire settings
// that define how to reach a mirror. It takes no setting that weakens verification or runs a hook.
base::Result<void> configure(const std::filesystem::path& root, const Machine& machine);

// If we are root, libapt downloads as user _apt. This requires that other users can reach all of
// `paths`. If they cannot reach one (e.g. a state directory below /root), libapt downloads as root.
// The downloaded files are verified in both cases.
void choose_sandbox(const std::vector<std::filesystem::path>& paths);

// During the lifetime of this object: umask is 022, messages are untranslated (failure.cpp parses
// them), and the caller's APT_CONFIG is unset. The destructor restores the previous values.
class Surroundings {
 public:
  Surroundings();
  ~Surroundings();
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

 private:
  mode_t umask_;
  std::vector<std::pair<std::string, std::optional<std::string>>> variables_;
};

// Takes the lock of the root. Waits for other processes that use the same root.
base::Result<base::Fd> lock(const std::filesystem::path& root, base::Progress& progress);

// The value of a variable in os-release, e.g. VERSION_CODENAME. Empty if it is not set.
std::string os_release(const std::filesystem::path& file, const std::string& word);

}  // namespace ccci::source::debian
