// SPDX-License-Identifier: GPL-3.0-or-later
// The line of a text that an error is about, with carets under the part that is meant.
#pragma once

#include <string>

#include "base/error.hpp"
#include "report/style.hpp"

namespace ccci::report {

// Two lines with a gutter, each with its newline; empty where the position has no excerpt. Tabs
// become four columns; a line wider than the style's columns is cut around the carets.
std::string excerpt(const base::Position& position, const Style& style);

}  // namespace ccci::report
