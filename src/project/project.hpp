// SPDX-License-Identifier: GPL-3.0-or-later
// A project is a declaration with the lock next to it. This room contains the operations on a
// project: open, lock, build, view, compare. Its functions print nothing and know no options, so a
// command line and a server can both call them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"

namespace ccci::project {

// What the operations on a project need from their caller.
struct Context {
  std::filesystem::path state;  // the state directory
  bool offline;                 // use only what is in the state directory already
  base::Progress& progress;     // must outlive the call
};

struct Project {
  std::filesystem::path file;       // cc-ci.toml, as given
  std::filesystem::path lock_file;  // cc-ci.lock next to it
  declare::Declaration declaration;

  std::filesystem::path directory() const;  // the directory of both; "." if `file` has none
};

// Where the lock of a declaration is.
std::filesystem::path lock_file_of(const std::filesystem::path& file);

// Reads and checks the declaration. [cli.no-declaration], [declare.*]
base::Result<Project> open(const std::filesystem::path& file);

// All declared hosts, or those named. [cli.unknown-host]
base::Result<std::vector<std::string>> hosts(const Project& project,
                                             const std::vector<std::string>& names);

// The host in `names` for this machine: the only one, or the one with the machine's name, with or
// without its domain. Empty if neither matches.
std::string host_of_machine(const std::vector<std::string>& names);
// The name of this machine, as the kernel reports it.
std::string machine_name();

}  // namespace ccci::project
