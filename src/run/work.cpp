// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/work.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/files.hpp"
#include "base/full_disk.hpp"

namespace ccci::run {

namespace fs = std::filesystem;

namespace {

std::string six_digits() {
  unsigned number = 0;
  static_cast<void>(!getrandom(&number, sizeof number, 0));
  std::string text;
  for (int i = 0; i < 6; ++i, number >>= 4U) text += "0123456789abcdef"[number & 15U];
  return text;
}

base::Result<void> check_owner(int directory, const fs::path& path, mode_t others) {
  struct stat status {};
  if (fstat(directory, &status) != 0)
    return base::unexpected(base::at_path(base::fail("base.open").with_errno(errno), path));
  if (status.st_uid == geteuid() && (status.st_mode & others) == 0) return {};
  return base::unexpected(base::fail("run.others")
                              .with("path", path.native())
                              .with("user", static_cast<long long>(geteuid()))
                              .with("owner", static_cast<long long>(status.st_uid)));
}

// Removes the directories of runs that have ended.
void reap(int runs) {
  std::error_code error;
  const fs::path here = "/proc/self/fd/" + std::to_string(runs);
  for (const auto& entry : fs::directory_iterator(here, error)) {
    const std::string name = entry.path().filename();
    const base::Fd directory(
        openat(runs, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (directory && flock(directory.get(), LOCK_EX | LOCK_NB) == 0)
      static_cast<void>(base::remove_tree(runs, name));
  }
}

}  // namespace

base::Result<Work> Work::make(const fs::path& runs, const std::string& prefix) {
  CCCI_CHECK(base::make_directories(runs));
  CCCI_TRY(base::Fd parent, base::open_path(runs, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  CCCI_CHECK(check_owner(parent.get(), runs, 0022));
  reap(parent.get());
  return make_in(std::move(parent), runs, prefix);
}

base::Result<Work> Work::temporary(const std::string& prefix) {
  std::error_code error;
  const fs::path place = fs::temp_directory_path(error);
  if (error)
    return base::unexpected(
        base::at_path(base::fail("base.open").with_errno(error.value()), place));
  CCCI_TRY(base::Fd parent, base::open_path(place, O_RDONLY | O_DIRECTORY));
  return make_in(std::move(parent), place, "cc-ci-" + prefix);
}

base::Result<Work> Work::make_in(base::Fd parent, const fs::path& path, const std::string& prefix) {
  Work work;
  work.parent_ = std::move(parent);
  const int runs = work.parent_.get();
  for (int attempt = 0; attempt < 20; ++attempt) {
    work.name_ = prefix + "-" + six_digits();
    work.directory_ = path / work.name_;
    if (mkdirat(runs, work.name_.c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;
      return base::unexpected(
          base::at_path(base::fail("base.mkdir").with_errno(errno), work.directory_));
    }
    work.lock_ =
        base::Fd(openat(runs, work.name_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!work.lock_) continue;  // another start has removed it before it was locked
    // Another start may have removed the directory between the two calls.
    struct stat mine {};
    struct stat there {};
    if (flock(work.lock_.get(), LOCK_EX | LOCK_NB) == 0 && fstat(work.lock_.get(), &mine) == 0 &&
        fstatat(runs, work.name_.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
        mine.st_ino == there.st_ino) {
      CCCI_CHECK(check_owner(work.lock_.get(), work.directory_, 0077));
      return work;
    }
  }
  return base::unexpected(base::fail("base.mkdir").with("path", path.native()).with_errno(EEXIST));
}

Work::~Work() {
  if (lock_ && parent_) static_cast<void>(base::remove_tree(parent_.get(), name_));
}

}  // namespace ccci::run
