// SPDX-License-Identifier: GPL-3.0-or-later
// A PATH as someone sets it: which of its directories are the host's, and where they stand.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "prove/finding.hpp"

namespace ccci::prove {

struct PathSetting {
  Side side = Side::none;                // none: no directory of the host's
  std::vector<std::string> directories;  // the host's, in order
};

// `value` as written, quotes removed. `known` gives a variable's value, or an empty string.
// Directories below the repository or of the environment are not the host's; what cannot be told
// (an unknown variable) counts as the host's, since it may bring in anything.
PathSetting path_setting(std::string_view value,
                         const std::function<std::string(std::string_view)>& known = {});

}  // namespace ccci::prove
