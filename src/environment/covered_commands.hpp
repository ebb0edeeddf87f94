// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of maintainer scripts whose result cc-ci makes itself or that no program misses. A
// script that calls only these is not run. Every other script is run (room `configure`).
#pragma once

#include <string_view>
#include <vector>

namespace ccci::environment {

struct CoveredCommand {
  enum class How {
    computes,  // has no effect on files
    ignored,   // its effect does not matter in a root
    accounts,  // likewise, but other packages' scripts fail without the accounts that it makes
    replaced,  // cc-ci does the same, or no program misses it: where scripts run, it does nothing
  };

  std::string_view name;
  std::string_view why;
  How how;
};

const std::vector<CoveredCommand>& covered_commands();

// Triggers that need not be processed, for the same reasons. A name ending in '*' covers all names
// that begin so.
struct CoveredTrigger {
  std::string_view name;  // as in the file `triggers`
  std::string_view why;
};

const std::vector<CoveredTrigger>& covered_triggers();

}  // namespace ccci::environment
