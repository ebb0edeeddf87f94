// SPDX-License-Identifier: GPL-3.0-or-later
// Mounts that this host's systemd knows and has not made (nofail, noauto, automount): what is below
// them is known only later.
#pragma once

#include <filesystem>
#include <string>

namespace ccci::doctor {

// Whether the absolute path is at or below such a mount. `host` is the host's root.
bool is_waiting_mount(const std::filesystem::path& host, const std::string& path);

}  // namespace ccci::doctor
