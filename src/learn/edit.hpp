// SPDX-License-Identifier: GPL-3.0-or-later
// Adds names to the lists of a declaration. Comments, order and layout stay as they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "learn/rule.hpp"

namespace ccci::learn {

struct Additions {
  std::vector<std::string> tools;
  std::vector<std::string> python;
  std::vector<Rule> rules = {};
  std::vector<std::string> packages = {};  // that no job calls
};

// Adds the names to the ends of [runtime] tools, python and packages, in the layout of these lists.
// A name that is already listed is not added again. Rules go to the end of the text, with the tool
// nodejs if one needs it; a tool or module that has a rule keeps it. A tool that is added for all
// hosts is removed from the extra tools of single hosts; nothing else is removed. The result is
// parsed again, to check that it declares the same as before, plus the additions. [declare.*] if
// the text is not a declaration, [learn.no-place] if a list is missing and there is no [runtime]
// header for it, [learn.edit] if the result would declare something else.
base::Result<std::string> add_to_declaration(std::string_view text, const std::string& file,
                                             const Additions& additions);

}  // namespace ccci::learn
