// SPDX-License-Identifier: GPL-3.0-or-later
// Recognises likely secrets. Everybody on a host can read the store, the lock and the units, so
// none may get there.
#pragma once

#include <string>
#include <string_view>

namespace ccci::declare {

// Why the variable's value is probably a secret, or an empty string. Paths, numbers, switches and
// empty values are none.
std::string secret_in_variable(std::string_view name, std::string_view value);

// Why the text contains a secret, whatever its name is, or an empty string.
std::string secret_in_text(std::string_view text);

}  // namespace ccci::declare
