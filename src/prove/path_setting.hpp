// SPDX-License-Identifier: GPL-3.0-or-later
// A setting of PATH: which of its directories are the host's, and on which side they are.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "prove/finding.hpp"
#include "prove/snippet.hpp"

namespace ccci::prove {

struct PathSetting {
  Side side = Side::none;                // none: it has no directory of the host
  std::vector<std::string> directories;  // the host's, in order
};

// `value` is the text without quotes. `known` returns a variable's value, or an empty string.
// Directories below the repository or of the environment are not the host's. An unknown variable
// counts as a directory of the host, since it may contain anything.
PathSetting path_setting(std::string_view value,
                         const std::function<std::string(std::string_view)>& known = {});

// Adds the finding of a setting at a place of the file of `reading`, unless it has no directory of
// the host. `what` is the name of the setting.
void add_path(const PathSetting& setting, Place at, std::string what, const Lines& lines,
              Reading& reading);

}  // namespace ccci::prove
