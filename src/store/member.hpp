// SPDX-License-Identifier: GPL-3.0-or-later
// Where a member of an archive goes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/package.hpp"

namespace ccci::store {

enum class Shape { merged_usr, as_is };

// "./bin/ls" is "usr/bin/ls" in the merged shape; "./" is the empty path. [store.name-absolute],
// [store.name-escapes], [store.name-too-long], [store.name-too-deep], each with field `member`
base::Result<std::string> place(std::string_view member, Shape shape, const Limits& limits);

// True for a link that only says what the merged shape is anyway ("bin" to "usr/bin").
bool says_merged(std::string_view member, std::string_view target);

}  // namespace ccci::store
