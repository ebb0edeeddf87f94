// SPDX-License-Identifier: GPL-3.0-or-later
// The commands that install packages, and how each writes the name of a package.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ccci::prove {

struct Installer {
  std::string_view name;    // "apt-get"
  std::string_view verbs;   // space-separated; empty: the command always installs
  std::string_view valued;  // options that take the next word as value
  bool modules = false;     // installs Python modules
};

// Finds the installer by the last part of the command's path. nullptr if the command installs
// nothing.
const Installer* installer(std::string_view command);

// Whether it installs packages of npm. Then it installs into the job's own directory, unless it is
// told to install for all.
bool of_npm(const Installer& by);

// The name in a package argument, without version, release, architecture and extras.
std::string package_name(const Installer& by, std::string_view argument);

// Whether `list` (separated by spaces) contains `word`.
bool holds(std::string_view list, std::string_view word);

// The last part of a path.
std::string_view last_part(std::string_view path);

}  // namespace ccci::prove
