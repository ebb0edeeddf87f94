// SPDX-License-Identifier: GPL-3.0-or-later
// What hosts may have and an engine that was just made for a test never has: drivers of logs and
// volumes, servers of files, the host's time zone.
#pragma once

#include <vector>

#include "recipe/stack.hpp"

namespace ccci::run {

// Changes the stack so that such an engine can run it, and returns each change. `host_paths`: the
// declaration allows mounts of the host, so they stay as they are.
std::vector<recipe::Deviation> fit_bare_engine(recipe::Stack& stack, bool host_paths);

}  // namespace ccci::run
