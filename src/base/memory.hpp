// SPDX-License-Identifier: GPL-3.0-or-later
// The memory of this machine.
#pragma once

#include <cstdint>

namespace ccci::base {

// What programs could still take without swapping (MemAvailable), in bytes; 0 if nothing says it.
std::uint64_t free_memory();

}  // namespace ccci::base
