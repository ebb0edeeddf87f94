// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the calls of one program out of a maintainer script, without running anything. It knows
// what such scripts are made of: quoting, continued lines, assignments of literals and `for` loops
// over words. Every branch counts as taken, since what a branch guards is checked afterwards
// against the composed root. Running the scripts instead was rejected: they expect root, a whole
// system and a network at times, and their result would depend on the machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccci::environment {

struct Invocation {
  std::vector<std::string> words;  // without the program's name
  bool resolved = true;            // false: a word holds an expansion that could not be followed

  bool operator==(const Invocation&) const = default;
};

// In order of the text; a call in a loop stands once per turn. At most 4,096.
std::vector<Invocation> invocations(std::string_view script, std::string_view program);

}  // namespace ccci::environment
