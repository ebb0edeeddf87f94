// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/work.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

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

// Removes the directories of runs that have ended.
void reap(const fs::path& runs) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(runs, error)) {
    const base::Fd directory(open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory && flock(directory.get(), LOCK_EX | LOCK_NB) == 0)
      static_cast<void>(base::remove_tree(entry.path()));
  }
}

}  // namespace

base::Result<Work> Work::make(const fs::path& runs, const std::string& prefix) {
  CCCI_CHECK(base::make_directories(runs));
  reap(runs);
  Work work;
  for (int attempt = 0; attempt < 20; ++attempt) {
    work.name_ = prefix + "-" + six_digits();
    work.directory_ = runs / work.name_;
    if (mkdir(work.directory_.c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;
      return base::unexpected(
          base::at_path(base::fail("base.mkdir").with_errno(errno), work.directory_));
    }
    CCCI_TRY(work.lock_, base::open_path(work.directory_, O_RDONLY | O_DIRECTORY));
    // Another start may have removed the directory between the two calls.
    struct stat mine {};
    struct stat there {};
    if (flock(work.lock_.get(), LOCK_EX | LOCK_NB) == 0 && fstat(work.lock_.get(), &mine) == 0 &&
        stat(work.directory_.c_str(), &there) == 0 && mine.st_ino == there.st_ino) {
      return work;
    }
  }
  return base::unexpected(base::fail("base.mkdir").with("path", runs.native()).with_errno(EEXIST));
}

Work::~Work() {
  if (lock_) static_cast<void>(base::remove_tree(directory_));
}

}  // namespace ccci::run
