// SPDX-License-Identifier: GPL-3.0-or-later
// Which declaration a root of the store was made for.
#pragma once

#include <map>
#include <string>

#include "store/store.hpp"

namespace ccci::project {

// The path of the declaration, by the name of each root that its last build made. A root that no
// kept result of a build (build_cache.hpp) names is not in it.
std::map<std::string, std::string> declarations_of_roots(const store::Store& store);

}  // namespace ccci::project
