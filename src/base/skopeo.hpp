// SPDX-License-Identifier: GPL-3.0-or-later
// skopeo moves images between registries and archives. What every caller of it needs to know.
#pragma once

#include <string>

#include "base/process.hpp"

namespace ccci::base {

// A registry of this machine speaks HTTP, as in Docker. `registry` is HOST or HOST:PORT.
bool is_local_registry(const std::string& registry);

// Why skopeo failed, on one line; `late` is the text for a time limit that passed.
std::string skopeo_problem(const Outcome& outcome, const std::string& late);

}  // namespace ccci::base
