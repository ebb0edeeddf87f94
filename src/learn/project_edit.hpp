// SPDX-License-Identifier: GPL-3.0-or-later
// Findings and a project: what its environment offers now, and adding what it lacks.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "learn/findings.hpp"
#include "learn/host_packages.hpp"
#include "learn/inside.hpp"
#include "project/project.hpp"

namespace ccci::learn {

// From the environment if it is built, else from the lock; without a lock that agrees with the
// declaration, from the same packages on this machine. [lock.*], [store.*], [environment.*]
base::Result<Inside> inside_of(const project::Project& project, const std::filesystem::path& state,
                               const HostPackages& host);

// Adds the SHA-256 of each program, for its entry in the declaration. A program that cannot be read
// stays without.
void add_digests(std::vector<Outside>& programs);

// Finds the programs that are commands of packages of npm, by the files behind their links. The
// packages of these commands are no longer modules. A command that was not found at all may be
// named by a package.json in the directory of the project.
void name_packages_of_npm(Findings& findings, const std::filesystem::path& project);

// Adds the findings to the declaration and returns the added names. [base.*], [learn.*]
base::Result<std::vector<std::string>> apply(const project::Project& project,
                                             const Findings& findings);

}  // namespace ccci::learn
