// SPDX-License-Identifier: GPL-3.0-or-later
// What a command line becomes on its way through ssh, which joins its words with blanks and hands
// the result to the shell of the user there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ccci::deploy {

// One word for any POSIX shell: in single quotes unless it consists of harmless bytes.
std::string quoted(std::string_view word);
std::string command_line(const std::vector<std::string>& words);

// A destination that ssh takes for nothing but one: [USER@]HOST or ssh://[USER@]HOST[:PORT] in
// plain letters, no part of which begins with '-'. [deploy.destination]
base::Result<void> check_destination(std::string_view destination);

}  // namespace ccci::deploy
