// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/parent_directory.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace ccci::base {

Result<Place> ParentDirectory::of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return Place{root_, path};
  std::string name = path.substr(slash + 1);
  if (parent_ && path.compare(0, slash, path_) == 0) return Place{parent_.get(), std::move(name)};
  path_ = path.substr(0, slash);
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  parent_ = Fd(static_cast<int>(syscall(SYS_openat2, root_, path_.c_str(), &how, sizeof how)));
  if (!parent_) {
    const int number = errno;
    return unexpected(fail("base.open").with("path", path_).with_errno(number));
  }
  return Place{parent_.get(), std::move(name)};
}

}  // namespace ccci::base
