// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "source/debian/solver.hpp"

namespace ccci::source::debian {

// Walks from the roots over the versions that would be chosen. Reports every dependency that none
// of them satisfies, and every two versions that exclude each other. The walk takes the first
// alternative that exists, so it can miss the reason why libapt's solver failed. Then the result is
// empty.
std::vector<Conflict> find_conflicts(pkgCacheFile& file, const std::set<std::string>& roots,
                                     const Versions& pins);

}  // namespace ccci::source::debian
