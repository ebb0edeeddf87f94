// SPDX-License-Identifier: GPL-3.0-or-later
// Names the place of a file that could not be written: its path, and the file system if it is full.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace ccci::base {

// The path of an open file or directory, for messages; empty if it has none.
std::filesystem::path path_of(int fd);

// The mount point of the file system that has the path, from the text of /proc/self/mountinfo; the
// longest one that is the path or above it.
std::string mount_of(const std::filesystem::path& path, std::string_view mountinfo);

// The error with `path`. If it says that the disk is full, or a quota used up, it also has `full`,
// the mount point, and the condition no_space.
Error at_path(Error error, const std::filesystem::path& path);
// The same for `name` in the open directory.
Error at_path(Error error, int directory, std::string_view name);

}  // namespace ccci::base
