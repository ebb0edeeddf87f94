// SPDX-License-Identifier: GPL-3.0-or-later
// The mounts that the text of a unit or a drop-in asks systemd for.
#pragma once

#include <string>
#include <vector>

namespace ccci::host {

// Where the text's mounts go: the targets of BindPaths= and the like.
std::vector<std::string> mount_targets(const std::string& text);

// Whether all of them can be read here. A specifier has its value only where the unit runs.
bool knows_mount_targets(const std::string& text);

}  // namespace ccci::host
