// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "declare/declaration.hpp"
#include "declare/document.hpp"

namespace ccci::declare {

// The tree as a Declaration. `root` has the shape that the table of keys says; what is missing or
// was taken out stays empty.
Declaration read_declaration(const Node& root, const Lines& lines, const std::string& file);

}  // namespace ccci::declare
