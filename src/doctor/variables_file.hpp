// SPDX-License-Identifier: GPL-3.0-or-later
// A file of variables as systemd reads it (EnvironmentFile=).
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace ccci::doctor {

// The numbers of the lines that systemd leaves out without a word that reaches a person: lines
// without '=' and names that are none, like `export TOKEN` of a file that was written for a shell.
std::vector<std::size_t> lines_left_out(std::string_view text);

}  // namespace ccci::doctor
