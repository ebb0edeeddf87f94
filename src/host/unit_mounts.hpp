// SPDX-License-Identifier: GPL-3.0-or-later
// The mounts that the text of a unit or a drop-in asks systemd for.
#pragma once

#include <string>
#include <vector>

namespace ccci::host {

// Where the mounts of a unit's texts go: the targets of BindPaths= and the like, in systemd's order
// of texts, without those that a later text clears.
std::vector<std::string> mount_targets(const std::vector<std::string>& texts);

// Whether all of them can be read here. A specifier has its value only where the unit runs.
bool knows_mount_targets(const std::string& text);

}  // namespace ccci::host
