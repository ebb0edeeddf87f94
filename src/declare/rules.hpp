// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "declare/declaration.hpp"
#include "declare/document.hpp"
#include "declare/mistakes.hpp"

namespace ccci::declare {

// Checks what the table of keys cannot express: duplicates, references, reserved names, and keys
// that need or exclude each other. `root` must have the shape that the table defines.
void check_rules(const Node& root, const Declaration& declaration, Mistakes& mistakes);

}  // namespace ccci::declare
