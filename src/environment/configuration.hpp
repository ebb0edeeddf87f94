// SPDX-License-Identifier: GPL-3.0-or-later
// Configuration below /etc that maintainer scripts put there from the package's own files: what
// they hand to ucf(1), and the modules that PHP's packages enable.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "environment/part.hpp"
#include "environment/tree.hpp"

namespace ccci::environment {

// Adds a link to the package's file where a postinst calls `ucf FILE /etc/NAME` and no package has
// that name. A file that the script makes in passing is looked for in the package by its name.
// What was added, by package.
std::map<std::string, std::vector<std::string>> add_configuration(Tree& tree,
                                                                  const std::vector<Part>& parts);

// `php_invoke enmod VERSION ALL NAME`: a link in each conf.d of that version, named by the priority
// that stands in the module's file.
struct PhpModule {
  std::string file;       // "etc/php/8.2/mods-available/ctype.ini"
  std::string name;       // "ctype"
  std::string directory;  // "etc/php/8.2/cli/conf.d"

  bool operator==(const PhpModule&) const = default;
};

// Sorted; of the modules whose file is in the tree.
std::vector<PhpModule> php_modules(const Tree& tree, const std::vector<Part>& parts);

// "20-ctype.ini", from the module's file: '; priority=20', which is also what holds without it.
std::string php_link_name(const PhpModule& module, std::string_view file);

}  // namespace ccci::environment
