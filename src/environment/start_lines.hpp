// SPDX-License-Identifier: GPL-3.0-or-later
// What an interpreter finds in the text file of a command with needs (environment/needs.hpp), if it
// gets that file's path: `node "$(command -v mocha)"`, `bash -x "$(command -v libtoolize)"`,
// `. env_parallel.bash`. Without further lines the file would be an empty program: it would do
// nothing and end well.
#pragma once

#include <string>
#include <string_view>

namespace ccci::environment {

struct StartLines {
  std::string word;  // for the end of the first line; Perl and Ruby obey only one with their name
  std::string rest;  // the lines after it
};

// `head`: the beginning of the program at `path`; `package`: whose needs it has on PATH. Nothing if
// it is no script of an interpreter that is known here, or if the path would need quotes.
StartLines start_lines(std::string_view head, std::string_view path, std::string_view package);

}  // namespace ccci::environment
