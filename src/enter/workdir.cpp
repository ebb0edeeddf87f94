// SPDX-License-Identifier: GPL-3.0-or-later
#include "workdir.hpp"

#include "failure.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

// /bin and the others count if they are directories of their own. If they are links, the kernel's
// path of a working directory begins with /usr. All of /etc counts: which part is covered depends
// on the host.
constexpr const char* covered[] = {"/usr", "/etc",   "/bin",   "/sbin",
                                   "/lib", "/lib32", "/lib64", "/libx32"};

}  // namespace

void Workdir::note() {
  const long size = kernel::call(SYS_getcwd, kernel::word(path_), sizeof path_ - 1);
  known_ = size > 0 && path_[0] == '/' && kernel::stat(AT_FDCWD, "", about_) == 0;
  if (size > 0) return;
  // A removed directory has no path. Its former path still tells whether it is covered.
  const long at = kernel::readlink(AT_FDCWD, "/proc/self/cwd", path_, sizeof path_ - 1);
  path_[at > 0 ? at : 0] = '\0';
}

bool Workdir::is_covered() const {
  for (const char* directory : covered) {
    if (is_below(path_, directory)) return true;
  }
  return false;
}

void Workdir::settle() const {
  if (!is_covered()) return;
  const long result = known_ ? kernel::chdir(path_) : -ENOENT;
  if (result < 0) fail(Failure::directory, path_, reason(result));
}

bool Workdir::restore() const {
  if (is_covered()) {
    settle();
    return true;
  }
  struct statx now = {};
  return known_ && kernel::chdir(path_) == 0 && kernel::stat(AT_FDCWD, "", now) == 0 &&
         kernel::is_same_file(now, about_);
}

}  // namespace ccci::enter
