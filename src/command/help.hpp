// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the help from the option tables, with 80 columns and no colour.
#pragma once

#include <string>
#include <string_view>

#include "command/command.hpp"

namespace ccci::command {

std::string version_line();  // "cc-ci 0.1.0"

// "cc-ci run [OPTIONS] [--] COMMAND [ARG...]"
std::string usage_of(const Command& command);
// "-o, --output FILE"
std::string spelled(const Option& option);

std::string short_help(const Commands& table);
std::string full_help(const Commands& table);
std::string short_help(const Command& command);
std::string full_help(const Command& command);
// `cc-ci store --help`: the commands whose names begin with that word.
std::string family_help(std::string_view family, const Commands& table);

// A command's own statuses and the usual ones that they do not replace, sorted.
std::vector<ExitStatus> all_statuses(const std::vector<ExitStatus>& own);

// The options by group. The groups are in the order of their first option.
struct OptionGroup {
  std::string_view title;
  std::vector<const Option*> options;
};
std::vector<OptionGroup> groups_of(const std::vector<Option>& options);

}  // namespace ccci::command
