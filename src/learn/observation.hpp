// SPDX-License-Identifier: GPL-3.0-or-later
// What a traced command did, as values: the result of tracing and the input of the analysis.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <vector>

namespace ccci::learn {

enum class Act {
  exec,    // executed, or the attempt
  open,    // opened; only existing files
  lookup,  // checked by stat or access, in a directory of PATH
};

struct Seen {
  Act act = Act::exec;
  std::string path;      // absolute, without resolving links
  bool found = false;    // the call succeeded
  bool by_name = false;  // exec: argv[0] has no slash, so PATH was searched
  std::string command;   // the first command line that did it
  std::string by;        // the command line of the parent process; may be empty

  bool operator==(const Seen&) const = default;
};

struct Trace {
  std::vector<Seen> seen;  // each once, in the order of the first appearance
  int status = 0;          // of the command: exit status, or 128 + signal
  std::size_t programs = 0;
  bool truncated = false;  // more different paths than are kept
};

}  // namespace ccci::learn
