// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "source/debian/catalogue.hpp"
#include "source/package.hpp"

namespace ccci::source::debian {

// The packages of the shared closure and of every host's on top of it, with why each is there.
// Hosts that want the same packages are solved together; with more than one such set each is a
// step. [source.unknown-package], [source.conflict], [source.weak-hash]
base::Result<std::vector<Package>> resolution(Catalogue& catalogue, const Query& query,
                                              base::Progress& progress);

// What of query.keep stays: nothing with update_all, all but query.update otherwise.
std::vector<Package> to_keep(const Query& query);

}  // namespace ccci::source::debian
