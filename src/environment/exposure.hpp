// SPDX-License-Identifier: GPL-3.0-or-later
// What stands on PATH: for each declared tool the commands of its package, in the declaration's
// order, then those of the Essential packages. Nothing else; what a tool merely depends on is in
// the root, out of PATH.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "environment/alternatives.hpp"
#include "environment/environment.hpp"
#include "environment/tree.hpp"

namespace ccci::environment {

inline constexpr const char* path_directory = "usr/lib/cc-ci/path";

// The commands of a tool, where its rule names none: the programs in usr/bin, usr/sbin and
// usr/games of its package and of the packages of the same source that it depends on (python3's
// program lies in python3-minimal), and the alternatives that these packages win.
// A rule's command is looked up in the tool's package, then in those of the same source, then in
// its whole closure. [environment.no-commands], [environment.no-such-command], all at once.
//
// Of Essential packages also the commands named like a virtual package that one of them depends on:
// base-files pre-depends on `awk`, so awk is there, while mawk stays out of sight.
base::Result<std::vector<Exposed>> expose(const declare::Declaration& declaration,
                                          const declare::Host* host, const std::vector<Part>& parts,
                                          const Tree& tree,
                                          const std::vector<Alternative>& alternatives);

}  // namespace ccci::environment
