// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/command.hpp"

#include <algorithm>

namespace ccci::command {

std::vector<std::string_view> sections_of(const Commands& table) {
  std::vector<std::string_view> sections;
  for (const Command* command : table) {
    const bool known = std::ranges::find(sections, command->section) != sections.end();
    if (!known) sections.push_back(command->section);
  }
  return sections;
}

const std::vector<ExitStatus>& usual_statuses() {
  static const std::vector<ExitStatus> statuses{
      {"0", "good"},
      {"1", "a negative result, for example damage or a stale lock"},
      {"2", "wrong usage or a bad declaration"},
      {"3", "the operation failed"},
  };
  return statuses;
}

}  // namespace ccci::command
