// SPDX-License-Identifier: GPL-3.0-or-later
// What hosts may have and an engine that was just made for a test never has: drivers of logs and
// volumes, servers of files, the host's time zone, higher limits than this machine's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "recipe/stack.hpp"

namespace ccci::run {

struct BareEngine {
  bool host_paths = false;  // the declaration allows mounts of the host, so they stay as they are
  // The most that a ulimit can be, by its name; no limit for those that are absent. Negative: no
  // limit either.
  std::map<std::string, std::int64_t> most;
};

// The limits of this process, which the engine inherits, if it has no right to raise them.
std::map<std::string, std::int64_t> most_of_limits();

// Changes the stack so that such an engine can run it, and returns each change.
std::vector<recipe::Deviation> fit_bare_engine(recipe::Stack& stack, const BareEngine& engine);

}  // namespace ccci::run
