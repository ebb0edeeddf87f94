// SPDX-License-Identifier: GPL-3.0-or-later
// Texts of the store that are large enough to be worth packing: the manifest of an environment
// names ten thousand files, and would be a fifth of what a second environment costs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ccci::store {

// Shorter texts stay as they are: what packing saves would be lost to the file system's blocks, and
// people can read them.
inline constexpr std::size_t packed_from = 64U << 10U;

// The text as it is stored, as zstd where it is long. The bytes may differ between versions of
// zstd, so nobody's identity may depend on them. [store.pack]
base::Result<std::string> pack_text(std::string text);
// The text that was stored, `limit` bytes at most. `name` is for messages. [store.manifest]
base::Result<std::string> unpack_text(std::string stored, std::uint64_t limit,
                                      const std::string& name);

}  // namespace ccci::store
