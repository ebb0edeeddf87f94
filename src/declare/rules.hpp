// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "declare/declaration.hpp"
#include "declare/document.hpp"
#include "declare/mistakes.hpp"

namespace ccci::declare {

// What the table of keys cannot say: duplicates, references, reserved names, keys that need or
// exclude each other. `root` has the shape that the table says.
void check_rules(const Node& root, const Declaration& declaration, Mistakes& mistakes);

}  // namespace ccci::declare
