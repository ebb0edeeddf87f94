// SPDX-License-Identifier: GPL-3.0-or-later
// What a command was seen doing, as values: what tracing yields and everything else works on.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <vector>

namespace ccci::learn {

enum class Act {
  exec,    // executed, or tried to
  open,    // opened; only what was there
  lookup,  // asked for by stat or access, in a directory of PATH
};

struct Seen {
  Act act = Act::exec;
  std::string path;      // absolute, as it was asked for
  bool found = false;    // the kernel did it
  bool by_name = false;  // exec: argv[0] has no slash, so that PATH was asked
  std::string command;   // the command line that it was first seen in
  std::string by;        // the command line of the process that started that one; may be empty

  bool operator==(const Seen&) const = default;
};

struct Trace {
  std::vector<Seen> seen;  // in the order of their first appearance; each stands once
  int status = 0;          // of the command: exit status, or 128 + signal
  std::size_t programs = 0;
  bool truncated = false;  // more different paths than are kept
};

}  // namespace ccci::learn
