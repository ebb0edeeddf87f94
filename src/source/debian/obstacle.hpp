// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "source/debian/solver.hpp"

namespace ccci::source::debian {

// Walks from the roots over the versions that would be taken and names every dependency that none
// of them satisfies, and every two that exclude each other. Empty where the walk, which takes the
// first alternative that exists, finds nothing that libapt's solver stumbled over.
std::vector<Obstacle> find_obstacles(pkgCacheFile& file, const std::set<std::string>& roots,
                                     const Versions& pins);

}  // namespace ccci::source::debian
