// SPDX-License-Identifier: GPL-3.0-or-later
// Adds names to the lists of a declaration that a person keeps: comments, order and layout stay.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ccci::learn {

struct Additions {
  std::vector<std::string> tools;
  std::vector<std::string> python;
};

// The declaration with the names at the ends of [runtime] tools and python, in the layout that the
// lists have. Names that stand there already are left alone. What comes to all hosts is taken out
// of the extra tools of those that had it; nothing else is removed. The result is read again: it
// says what the text said and the additions, or this fails. [declare.*] where the text is no
// declaration, [learn.no-place] where a list is missing and there is no [runtime] header to put it
// under, [learn.edit] where the result would say anything else.
base::Result<std::string> add_to_declaration(std::string_view text, const std::string& file,
                                             const Additions& additions);

}  // namespace ccci::learn
