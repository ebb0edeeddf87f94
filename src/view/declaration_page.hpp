// SPDX-License-Identifier: GPL-3.0-or-later
// The man page cc-ci.toml(5), from the table of keys.
#pragma once

#include "command/man.hpp"

namespace ccci::view {

command::ManPage declaration_page();

}  // namespace ccci::view
