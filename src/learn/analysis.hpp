// SPDX-License-Identifier: GPL-3.0-or-later
// Finds what a declaration lacks for a traced command: a pure function of the trace, of what dpkg
// knows on this machine, and of what the environment offers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "declare/declaration.hpp"
#include "learn/findings.hpp"
#include "learn/host_packages.hpp"
#include "learn/inside.hpp"
#include "learn/observation.hpp"

namespace ccci::learn {

// `project`: the directory of the declaration. Files below it belong to the project and need no
// tool.
Findings analyse(const declare::Declaration& declaration, const Inside& inside,
                 const HostPackages& host, const Trace& trace,
                 const std::vector<std::string>& path_directories, const std::string& project);

// The commands that were searched for in each of the directories and found in none. `package` comes
// from the host's packages that have the command in /usr/bin or a similar directory.
std::vector<Missing> missing_commands(const Trace& trace,
                                      const std::vector<std::string>& path_directories,
                                      const HostPackages& host);

// The paths whose packages analyse() needs: the argument for ask_host().
std::vector<std::string> paths_to_ask(const Trace& trace,
                                      const std::vector<std::string>& path_directories);

// True for the directories in which Debian's packages install commands.
bool is_program_directory(std::string_view directory);

}  // namespace ccci::learn
