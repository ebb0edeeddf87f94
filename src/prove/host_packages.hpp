// SPDX-License-Identifier: GPL-3.0-or-later
// The files of the host's own packages, as the host's dpkg knows them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ccci::prove {

struct HostFile {
  std::string path;
  std::string package;
  std::string identity;  // "DEVICE:INODE", as stat(1) prints it
};

// Regular files of packages that a job would see if the place were the host's: all below /etc,
// /opt, /var/lib and /var/cache, and the first one of each package elsewhere (/usr is mounted as a
// whole). Not what is the host's inside too: the entries of its table and `host_files` of the
// declaration. `info`: where dpkg has its lists of files. Empty on a host without dpkg.
std::vector<HostFile> host_package_files(const std::vector<std::string>& host_files,
                                         const std::filesystem::path& info = "/var/lib/dpkg/info");

}  // namespace ccci::prove
