// SPDX-License-Identifier: GPL-3.0-or-later
// Decides which maintainer scripts must be run: those that do something that no rule of cc-ci's own
// does. The rules know commands, not packages.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::configure {

struct Coverage {
  bool covered = true;
  std::string because;                 // the first command that no rule covers; "" if covered
  bool makes_accounts = false;         // other packages' scripts may need them
  std::vector<std::string> activates;  // names given to dpkg-trigger
  // Paths that the script looks for or reads ("usr/share/x"), also programs: it does something else
  // if a package that it does not depend on has one.
  std::vector<std::string> asks;
};

// `exists`: whether a path of the root ("usr/share/x") exists before any script was run. Removing
// what does not exist has no effect.
Coverage coverage(std::string_view script, const std::function<bool(const std::string&)>& exists);

}  // namespace ccci::configure
