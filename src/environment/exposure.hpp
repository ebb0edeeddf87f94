// SPDX-License-Identifier: GPL-3.0-or-later
// The commands on PATH: first the commands of each declared tool's package, in the order of the
// declaration, then the commands of the Essential packages. Other dependencies of a tool are in the
// root, but not on PATH.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "environment/alternatives.hpp"
#include "environment/command_index.hpp"
#include "environment/environment.hpp"
#include "environment/tree.hpp"

namespace ccci::environment {

inline constexpr const char* path_directory = "usr/lib/cc-ci/path";

// If the rule of a tool names no commands, its commands are the programs in usr/bin, usr/sbin and
// usr/games of its package and of its dependencies from the same source package (python3's program
// is in python3-minimal), and the alternatives that these packages win.
// If the rule names a command, it is looked up in the tool's package, then in the dependencies from
// the same source package, then in the whole closure of the tool. Reports all errors at once:
// [environment.no-commands], [environment.no-such-command].
//
// If an Essential package depends on a virtual package, the command with that name is exposed too:
// base-files pre-depends on `awk`, so awk is on PATH. mawk is not on PATH.
base::Result<std::vector<Exposed>> expose(const declare::Declaration& declaration,
                                          const declare::Host* host, const std::vector<Part>& parts,
                                          const Tree& tree, const CommandIndex& index);

}  // namespace ccci::environment
