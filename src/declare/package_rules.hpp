// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>

#include "declare/document.hpp"
#include "declare/mistakes.hpp"

namespace ccci::declare {

// The part of check_rules() for [packages]. `asked`: every tool and module that some list of the
// declaration names, and every package whose archive or version was chosen.
void check_package_rules(const Node& root, const std::set<std::string>& asked, Mistakes& mistakes);

}  // namespace ccci::declare
