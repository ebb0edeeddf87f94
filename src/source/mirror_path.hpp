// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace ccci::source {

// Whether the path of an archive in an index or a lock stays below its mirror, and contains nothing
// else than a path. A mirror may be a directory of this host.
bool is_mirror_path(std::string_view path);

}  // namespace ccci::source
