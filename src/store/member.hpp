// SPDX-License-Identifier: GPL-3.0-or-later
// The path in the tree for a member of an archive.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/package.hpp"

namespace ccci::store {

enum class Shape { merged_usr, as_is };

// "./bin/ls" becomes "usr/bin/ls" in the merged shape, and "./" becomes the empty path.
// [store.name-absolute], [store.name-escapes], [store.name-too-long], [store.name-too-deep], each
// with field `member`
base::Result<std::string> place(std::string_view member, Shape shape, const Limits& limits);

// True for a link that the merged shape contains anyway ("bin" to "usr/bin").
bool says_merged(std::string_view member, std::string_view target);

}  // namespace ccci::store
