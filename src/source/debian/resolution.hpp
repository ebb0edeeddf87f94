// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "source/debian/catalogue.hpp"
#include "source/package.hpp"

namespace ccci::source::debian {

// The packages of the shared closure and of the closure of each host on top of it, with the reason
// for each package. Hosts that want the same packages are solved together. If there is more than
// one such set, each set is a progress step. [source.unknown-package], [source.conflict],
// [source.weak-hash]
base::Result<std::vector<Package>> resolution(Catalogue& catalogue, const Query& query,
                                              base::Progress& progress);

// The packages of query.keep whose version is kept: none with update_all, otherwise all except
// query.update.
std::vector<Package> to_keep(const Query& query);

}  // namespace ccci::source::debian
