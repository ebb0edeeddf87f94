// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/waiting_mount.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cctype>

#include "doctor/host_paths.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

// The name of a mount's unit, as systemd-escape --path makes it.
std::string escaped(const std::string& path) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string name;
  for (std::size_t i = 1; i < path.size(); ++i) {
    const auto c = static_cast<unsigned char>(path[i]);
    if (c == '/') {
      name += '-';
    } else if (std::isalnum(c) != 0 || c == ':' || c == '_' || (c == '.' && i > 1)) {
      name += static_cast<char>(c);
    } else {
      name += "\\x";
      name += digits[c >> 4U];
      name += digits[c & 15U];
    }
  }
  return name;
}

bool is_mounted(const fs::path& point) {
  struct statx found = {};
  return statx(AT_FDCWD, point.c_str(), AT_NO_AUTOMOUNT, 0, &found) == 0 &&
         (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

}  // namespace

bool is_waiting_mount(const fs::path& host, const std::string& path) {
  for (fs::path point = fs::path(path).lexically_normal(); point.has_relative_path();
       point = point.parent_path()) {
    const std::string unit = escaped(point.native()) + ".mount";
    if (!unit_file(host, unit).empty() && !is_mounted(host / point.relative_path())) return true;
  }
  return false;
}

}  // namespace ccci::doctor
