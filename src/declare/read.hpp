// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "declare/declaration.hpp"
#include "declare/document.hpp"

namespace ccci::declare {

// Converts the tree to a Declaration. `root` must have the shape that the table of keys defines.
// Members whose keys are missing or were removed stay empty.
Declaration read_declaration(const Node& root, const Lines& lines, const std::string& file);

}  // namespace ccci::declare
