// SPDX-License-Identifier: GPL-3.0-or-later
// The digests in lines of requirements.txt: `--hash=sha256:HEX`, any number in a line.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "python/report.hpp"
#include "source/package.hpp"

namespace ccci::python {

// The lines for pip. One with a digest makes pip want a digest for every project. So all digests
// are left out if one line has none, as that of a module in the declaration; check_hashes() looks
// at them in any case. If one is no sha256, all stay, and pip may refuse: only it can check them.
std::vector<std::string> lines_for_pip(const std::vector<Wanted>& wanted);

// [python.hash] if a package has another digest than all that its lines name.
base::Result<void> check_hashes(const std::vector<source::Package>& packages,
                                const std::vector<Wanted>& wanted);

}  // namespace ccci::python
