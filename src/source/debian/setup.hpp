// SPDX-License-Identifier: GPL-3.0-or-later
// libapt-pkg pointed at an apt root of our own. Its configuration is one global per process.
//
//   ROOT/etc/sources.list.d/cc-ci.sources   what we ask of it, written afresh by every call
//   ROOT/etc/keys/                          keys that a sources entry carried in its text
//   ROOT/state/status                       dpkg's status file: empty, so every system is empty
//   ROOT/state/lists/                       verified indexes
//   ROOT/cache/                             libapt's cache of them; downloads under way
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

// Makes the layout and sets libapt's configuration: the machine's Acquire settings that say how to
// reach a mirror, and none that weaken what is verified or run a hook.
base::Result<void> configure(const std::filesystem::path& root, const Machine& machine);

// libapt downloads as user _apt when we are root, which needs all of `paths` to be reachable for
// others. Where one is not (a state directory below /root, say) it downloads as root: what arrives
// is verified either way.
void choose_sandbox(const std::vector<std::filesystem::path>& paths);

// While it lives: umask 022, messages untranslated (they are read by us, in explain.cpp), and no
// APT_CONFIG of the caller. Then all is as it was.
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

// Waits for other processes that work in the same root.
base::Result<base::Fd> lock(const std::filesystem::path& root, base::Progress& progress);

// A word of os-release, e.g. VERSION_CODENAME; empty where it is not set.
std::string os_release(const std::filesystem::path& file, const std::string& word);

}  // namespace ccci::source::debian
