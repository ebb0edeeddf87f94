// SPDX-License-Identifier: GPL-3.0-or-later
// The files of the host's own packages, as the host's dpkg knows them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace ccci::prove {

struct HostFile {
  std::string path;
  std::string package;
  std::string identity;       // "DEVICE:INODE", as stat(1) prints it; of a link, its own
  std::string declared = {};  // the entry of `host_files` that it is, or lies below
};

// Files and symbolic links of packages that a job would see if the place were the host's: all below
// /etc, /opt, /srv, /var/lib, /var/cache and /var/www, and the first one of each package elsewhere
// (/usr is mounted as a whole). A diverted file is looked for where it lies. Not what is the host's
// inside too: the entries of its table. `host_files`: those of the declaration. `database`: dpkg's
// directory. Empty on a host without dpkg.
// [base.*] if a list of it cannot be read: nobody knows what its packages have.
base::Result<std::vector<HostFile>> host_package_files(
    const std::vector<std::string>& host_files,
    const std::filesystem::path& database = "/var/lib/dpkg");

}  // namespace ccci::prove
