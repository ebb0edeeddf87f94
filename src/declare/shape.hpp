// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "declare/document.hpp"
#include "declare/mistakes.hpp"

namespace ccci::declare {

// Holds the tree against the table of keys: unknown and missing keys, types, forms. What is wrong
// is reported and taken out of the tree, except names that are only misspelt; so whoever reads the
// tree after this finds the types that the table says.
void check_shape(Node& root, Mistakes& mistakes);

}  // namespace ccci::declare
