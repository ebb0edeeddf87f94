// SPDX-License-Identifier: GPL-3.0-or-later
// Paths of the host and of the environment that a unit names. `host` is the host's root.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ccci::doctor {

// The absolute path on the host.
inline std::filesystem::path on(const std::filesystem::path& host, const std::string& path) {
  return host / path.substr(1);
}

// Whether the environment with this root has the path, or a link of it to the host's.
bool is_there(const std::string& root, const std::string& path);

// Adds the files that match, at most 256, in the order of glob(3), in which systemd reads them too.
void add_matches(const std::filesystem::path& host, const std::string& pattern,
                 std::vector<std::string>& paths);

// The file of the unit in the directories where systemd looks for it; empty if there is none.
std::filesystem::path unit_file(const std::filesystem::path& host, const std::string& name);

}  // namespace ccci::doctor
