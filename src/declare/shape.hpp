// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "declare/document.hpp"
#include "declare/mistakes.hpp"

namespace ccci::declare {

// Holds the tree against the table of keys: unknown and missing keys, types, forms. Unknown keys
// and values of a wrong type are reported and taken out of the tree, so whoever reads it after this
// finds the types that the table says; strings that are not of their form stay and are marked bad.
void check_shape(Node& root, Mistakes& mistakes);

}  // namespace ccci::declare
