// SPDX-License-Identifier: GPL-3.0-or-later
// The ssh destination of a host in a declaration.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace ccci::deploy {

// Accepts only text that ssh cannot read as anything but a destination: [USER@]HOST or
// ssh://[USER@]HOST[:PORT], with plain characters, and no part begins with '-'.
// [deploy.destination]
base::Result<void> check_destination(std::string_view destination);

}  // namespace ccci::deploy
