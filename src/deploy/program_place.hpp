// SPDX-License-Identifier: GPL-3.0-or-later
// Which cc-ci a host uses. The last deployment or switch decides it: the host's timers and its
// administrator use the program that made the active generation.
//
//   /usr/local/lib/cc-ci/program   link to STATE/programs/HASH, if a deployment brought the program
//   /usr/local/bin/cc-ci           link to …/program/bin/cc-ci, if nothing else has that name
#pragma once

#include <filesystem>
#include <vector>

#include "activate/layout.hpp"
#include "base/result.hpp"

namespace ccci::deploy {

// Makes `program` (/proc/self/exe) the one that the host uses. If it was brought, the links lead to
// it, and other programs that were brought are removed unless they are younger than a day or still
// run. If it was installed, the links are removed. [base.*]
base::Result<void> adopt_program(const activate::Layout& layout, const std::filesystem::path& state,
                                 const std::filesystem::path& program);

// The program that runs. Empty if /proc does not tell.
std::filesystem::path running_program();

// What deployments have brought and linked, for removal by forget_programs(). `state` is the state
// directory.
std::vector<std::filesystem::path> brought_programs(const activate::Layout& layout,
                                                    const std::filesystem::path& state);
// Removes all of it. [base.*]
base::Result<void> forget_programs(const activate::Layout& layout,
                                   const std::filesystem::path& state);

}  // namespace ccci::deploy
