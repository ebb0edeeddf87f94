// SPDX-License-Identifier: GPL-3.0-or-later
// Configuration below /etc that maintainer scripts install from the package's own files: files that
// they pass to ucf(1), and the modules that PHP's packages enable.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "environment/part.hpp"
#include "environment/tree.hpp"

namespace ccci::environment {

// Adds a link /etc/NAME to the package's file if a postinst calls `ucf FILE /etc/NAME` and no
// package contains that path. If FILE is a temporary file of the script, a file of the package with
// the same name is used, but not for the packages in `run`, whose scripts are about to run in this
// root: ucf would keep the link, and leave what the script made beside it as .ucf-dist. Returns the
// added paths by package.
std::map<std::string, std::vector<std::string>> add_configuration(
    Tree& tree, const std::vector<Part>& parts, const std::set<std::string>& run = {});

// `php_invoke enmod VERSION ALL NAME` makes a link in each conf.d directory of that version. The
// link name starts with the priority from the module's file.
struct PhpModule {
  std::string file;       // "etc/php/8.2/mods-available/ctype.ini"
  std::string name;       // "ctype"
  std::string directory;  // "etc/php/8.2/cli/conf.d"

  bool operator==(const PhpModule&) const = default;
};

// The modules whose file is in the tree, sorted.
std::vector<PhpModule> php_modules(const Tree& tree, const std::vector<Part>& parts);

// "20-ctype.ini". The module's file contains '; priority=20'. The default priority is also 20.
std::string php_link_name(const PhpModule& module, std::string_view file);

}  // namespace ccci::environment
