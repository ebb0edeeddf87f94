// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "declare/declaration.hpp"
#include "declare/document.hpp"
#include "declare/mistakes.hpp"

namespace ccci::declare {

// The part of check_rules() for entrypoints, timers, runners, health and the witness.
void check_service_rules(const Node& root, const Declaration& declaration, Mistakes& mistakes);

}  // namespace ccci::declare
