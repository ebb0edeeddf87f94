// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/directory.hpp"

namespace ccci::base {

namespace fs = std::filesystem;

Result<std::vector<fs::directory_entry>> entries_of(const fs::path& directory) {
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  fs::directory_iterator next(directory, error);
  while (!error && next != fs::directory_iterator()) {
    entries.push_back(*next);
    next.increment(error);
  }
  if (!error || error == std::errc::no_such_file_or_directory) return entries;
  return unexpected(fail("base.open").with("path", directory.native()).with_errno(error.value()));
}

}  // namespace ccci::base
