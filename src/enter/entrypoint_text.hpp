// SPDX-License-Identifier: GPL-3.0-or-later
// Writes and reads entrypoint files for the rest of cc-ci. The launcher itself only reads them,
// with entrypoint.hpp. Both directions here use the launcher's parser, so the launcher accepts what
// is written.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccci::enter {

struct Entrypoint {
  int format = 2;
  std::string launcher;  // absolute path of cc-ci-enter, for the `#!` line
  std::string name;
  std::string environment;  // hash
  std::string root;
  std::vector<std::string> paths;
  std::vector<std::string> etc;     // format 1 only
  std::vector<std::string> places;  // sorted
  std::vector<std::pair<std::string, std::string>> variables;
  std::vector<std::string> exec;

  bool operator==(const Entrypoint&) const = default;
};

// The bytes of the file. The same Entrypoint always gives the same bytes.
std::string write_entrypoint(const Entrypoint& entrypoint);

// Why the launcher or the kernel would refuse the result of write_entrypoint, as one phrase. Empty
// if neither would refuse it. The kernel's limits: it reads 127 bytes of a `#!` line before Linux
// 5.1 and 255 bytes since then, and the first blank ends the path.
std::string entrypoint_problem(const Entrypoint& entrypoint);

// If the bytes are not an entrypoint file, sets `problem` to the reason ("line 3: expected …") and
// returns an empty result.
Entrypoint read_entrypoint(std::string_view bytes, std::string& problem);

}  // namespace ccci::enter
