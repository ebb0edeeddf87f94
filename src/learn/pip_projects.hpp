// SPDX-License-Identifier: GPL-3.0-or-later
// What pip has installed in some directories, by its own records (NAME.dist-info): which project a
// module belongs to, and what that project needs.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace ccci::learn {

struct PipProjects {
  // "/opt/v/lib/python3.11/site-packages/yaml" -> "pyyaml"
  std::map<std::string, std::string, std::less<>> by_module;
  // Project -> the projects that it needs. Those of its extras are left out: who wants an extra,
  // says so.
  std::map<std::string, std::set<std::string>, std::less<>> needs;

  std::set<std::string, std::less<>> elsewhere;  // that came from an address or a directory

  // Empty if no record names the module of this file.
  std::string project_of(std::string_view path) const;
  // The projects with all that they need, as far as it is installed.
  std::set<std::string> closure(const std::set<std::string>& names) const;
};

// The directory of modules that has the file: up to "dist-packages" or "site-packages". Empty for
// other files, and for those of Debian's packages.
std::string module_directory(std::string_view path);

// Names are normalised: lower case, '-' for '_' and '.'. Reads at most some thousand records.
PipProjects read_pip_projects(const std::set<std::string>& directories);

}  // namespace ccci::learn
