// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "declare/declaration.hpp"
#include "declare/document.hpp"
#include "declare/mistakes.hpp"

namespace ccci::declare {

// The part of check_rules() for [sources], and for what [packages] says about archives.
void check_source_rules(const Node& root, const Declaration& declaration, Mistakes& mistakes);

}  // namespace ccci::declare
