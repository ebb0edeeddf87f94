// SPDX-License-Identifier: GPL-3.0-or-later
// Findings as lines of a declaration, to paste.
#pragma once

#include <string>

#include "learn/findings.hpp"

namespace ccci::learn {

// Empty where there is nothing to add. Of a program from outside Debian the rule shows where the
// file would lie; its place and origin are for a person to decide.
std::string snippet(const Findings& findings);

}  // namespace ccci::learn
