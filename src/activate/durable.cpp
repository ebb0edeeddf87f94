// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/durable.hpp"

#include <fcntl.h>

namespace ccci::activate {

namespace fs = std::filesystem;

base::Result<void> make_durable_directories(const fs::path& path, base::Disk& disk) {
  std::error_code error;
  if (path.empty() || fs::is_directory(path, error)) return {};
  CCCI_CHECK(make_durable_directories(path.parent_path(), disk));
  CCCI_CHECK(base::make_directories(path));
  return sync_directory(path.parent_path(), disk);
}

base::Result<void> sync_directory(const fs::path& path, base::Disk& disk) {
  CCCI_TRY(const base::Fd directory, base::open_path(path, O_RDONLY | O_DIRECTORY));
  return disk.sync(directory.get());
}

}  // namespace ccci::activate
