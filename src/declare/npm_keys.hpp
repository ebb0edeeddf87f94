// SPDX-License-Identifier: GPL-3.0-or-later
// The rows for npm in the table of keys.
#pragma once

#include <span>

#include "declare/keys.hpp"

namespace ccci::declare {

std::span<const Key> npm_keys();

}  // namespace ccci::declare
