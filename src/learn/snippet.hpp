// SPDX-License-Identifier: GPL-3.0-or-later
// The findings as lines for a declaration.
#pragma once

#include <string>

#include "learn/findings.hpp"

namespace ccci::learn {

// Empty if there is nothing to add. For a program that is not from Debian, the lines contain an
// example path of its archive; the user must choose the real path or URL.
std::string snippet(const Findings& findings);

}  // namespace ccci::learn
