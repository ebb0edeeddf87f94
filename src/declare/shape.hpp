// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "declare/document.hpp"
#include "declare/mistakes.hpp"

namespace ccci::declare {

// Checks the tree against the table of keys: unknown and missing keys, types, forms. Unknown keys
// and values of a wrong type are reported and removed from the tree, so later code finds only the
// types that the table defines. Strings that do not match their form stay and are marked as bad.
void check_shape(Node& root, Mistakes& mistakes);

}  // namespace ccci::declare
