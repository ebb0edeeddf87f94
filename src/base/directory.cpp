// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/directory.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/fd.hpp"
#include "base/full_disk.hpp"

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

Result<std::vector<std::string>> names_in(int directory) {
  const auto failed = [&] {
    return unexpected(at_path(fail("base.open").with_errno(errno), path_of(directory)));
  };
  Fd again(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!again) return failed();
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(again.get()), &closedir);
  if (stream == nullptr) return failed();
  static_cast<void>(again.release());  // the stream closes it
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return failed();
  std::sort(names.begin(), names.end());
  return names;
}

fs::path through(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

}  // namespace ccci::base
