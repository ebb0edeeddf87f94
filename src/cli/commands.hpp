// SPDX-License-Identifier: GPL-3.0-or-later
// The table of commands, and the one line by which each file hands in its row.
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace ccci::cli {

using Commands = std::vector<const Command*>;

// Every command, in the order in which help lists them.
const Commands& commands();

const Command& complete_command();
const Command& completion_command();
const Command& help_command();
const Command& man_command();

}  // namespace ccci::cli
