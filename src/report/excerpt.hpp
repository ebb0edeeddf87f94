// SPDX-License-Identifier: GPL-3.0-or-later
// The line of a text that an error is about, with carets under the wrong part.
#pragma once

#include <string>

#include "base/error.hpp"
#include "report/style.hpp"

namespace ccci::report {

// Two lines with the line's number before the first one. Empty if the position has no excerpt. A
// tab becomes four columns. A line that is wider than the style's columns is cut around the carets.
std::string excerpt(const base::Position& position, const Style& style);

}  // namespace ccci::report
