// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace ccci::source {

// Whether the path of an archive in an index or a lock stays below its mirror, and contains nothing
// else than a path. A mirror may be a directory of this host.
bool is_mirror_path(std::string_view path);

// Whether the text is the place of a package of npm below node_modules: "a", "@s/a",
// "a/node_modules/b". What a lock of npm in the project names has the place that it would have in
// the project: "./web/node_modules/a".
bool is_npm_place(std::string_view place);

}  // namespace ccci::source
