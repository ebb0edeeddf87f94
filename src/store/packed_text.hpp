// SPDX-License-Identifier: GPL-3.0-or-later
// Compression of long texts in the store. The manifest of an environment names ten thousand files;
// uncompressed it would be a fifth of the disk space of a second environment.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ccci::store {

// Shorter texts are not compressed: the file system's block size would take up what compression
// saves, and people can read the plain text.
inline constexpr std::size_t packed_from = 64U << 10U;

// The text in the form in which it is stored: compressed with zstd if it is long. The bytes may
// differ between versions of zstd, so no identity may depend on them. [store.pack]
base::Result<std::string> pack_text(std::string text);
// The original of a stored text, at most `limit` bytes. `name` is for messages. [store.manifest]
base::Result<std::string> unpack_text(std::string stored, std::uint64_t limit,
                                      const std::string& name);

}  // namespace ccci::store
