// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the calls of one program in a maintainer script, without running anything. It understands
// what such scripts usually use: quoting, continued lines, assignments of literals, `for` loops
// over words and functions with arguments. It assumes that every branch is taken, because the
// results are checked later against the composed root. Rejected: running the scripts. They expect
// root privileges, a whole system and sometimes a network, and their result would depend on the
// machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccci::environment {

struct Invocation {
  std::vector<std::string> words;  // without the program's name
  bool resolved = true;            // false: a word has an expansion that could not be evaluated

  bool operator==(const Invocation&) const = default;
};

// In the order of the text. A call in a loop is listed once per iteration. At most 4,096 calls.
std::vector<Invocation> invocations(std::string_view script, std::string_view program);

}  // namespace ccci::environment
