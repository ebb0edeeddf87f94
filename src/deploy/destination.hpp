// SPDX-License-Identifier: GPL-3.0-or-later
// Where ssh is to go, as a declaration names it.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace ccci::deploy {

// A destination that ssh takes for nothing but one: [USER@]HOST or ssh://[USER@]HOST[:PORT] in
// plain letters, no part of which begins with '-'. [deploy.destination]
base::Result<void> check_destination(std::string_view destination);

}  // namespace ccci::deploy
