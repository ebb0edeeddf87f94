// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin of pytest that gives the tests of a recipe their fixtures.
#pragma once

#include <string_view>

namespace ccci::run {

// live_app: the deployed app (domain, base_url, version, get(path)); meta: the recipe; op_state:
// what the run did before; deps: other recipes that were deployed for it.
std::string_view pytest_plugin();

}  // namespace ccci::run
