// SPDX-License-Identifier: GPL-3.0-or-later
// The row of [runtime] browsers in the table of keys.
#pragma once

#include <span>

#include "declare/keys.hpp"

namespace ccci::declare {

std::span<const Key> browser_keys();

}  // namespace ccci::declare
