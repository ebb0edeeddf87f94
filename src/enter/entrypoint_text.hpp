// SPDX-License-Identifier: GPL-3.0-or-later
// Writes and reads entrypoint files for the rest of cc-ci; the launcher itself only reads them, by
// entrypoint.hpp. Both directions go through the launcher's parser, so what is written runs.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccci::enter {

struct Entrypoint {
  std::string launcher;  // absolute path of cc-ci-enter, for the `#!` line
  std::string name;
  std::string environment;  // hash
  std::string root;
  std::vector<std::string> paths;
  std::vector<std::string> etc;
  std::vector<std::pair<std::string, std::string>> variables;
  std::vector<std::string> exec;

  bool operator==(const Entrypoint&) const = default;
};

// The file's bytes; the same Entrypoint gives the same bytes.
std::string write_entrypoint(const Entrypoint& entrypoint);

// Why the launcher or the kernel would refuse what write_entrypoint gives: one phrase, empty where
// neither would. Beyond the format: the kernel reads 127 bytes of a `#!` line before Linux 5.1 and
// 255 since, and ends the path at the first blank.
std::string entrypoint_problem(const Entrypoint& entrypoint);

// `problem` gets the reason ("line 3: expected …") and the result is empty where the bytes are no
// entrypoint file.
Entrypoint read_entrypoint(std::string_view bytes, std::string& problem);

}  // namespace ccci::enter
