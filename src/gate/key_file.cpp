// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.hpp"
#include "base/files.hpp"
#include "gate/key.hpp"

namespace ccci::gate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_key = 16U << 10U;

bool below(const fs::path& path, const fs::path& directory) {
  const auto [end, rest] =
      std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
  return end == directory.end();
}

// Resolves links as far as the path exists. So a link from outside into the repository counts as
// inside.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  fs::path whole = fs::weakly_canonical(fs::absolute(path), error);
  return error ? fs::absolute(path).lexically_normal() : whole;
}

base::Result<base::Fd> open_key_directory(const fs::path& directory) {
  struct stat status {};
  if (stat(directory.c_str(), &status) != 0 && errno == ENOENT) {
    CCCI_CHECK(base::make_directories(directory.parent_path()));
    if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
      return base::unexpected(
          base::fail("base.mkdir").with("path", directory.native()).with_errno(errno));
    }
  }
  CCCI_TRY(base::Fd fd, base::open_path(directory, O_RDONLY | O_DIRECTORY));
  if (fstat(fd.get(), &status) != 0 || (status.st_mode & 0077U) != 0 ||
      status.st_uid != geteuid()) {
    return base::unexpected(base::fail("gate.key-directory").with("path", directory.native()));
  }
  return fd;
}

}  // namespace

base::Result<PrivateKey> generate_key(const fs::path& file, const fs::path& forbidden) {
  const fs::path target = resolved(file);
  if (!forbidden.empty() && below(target, resolved(forbidden))) {
    return base::unexpected(base::fail("gate.key-inside")
                                .with("path", file.native())
                                .with("repository", forbidden.native()));
  }
  CCCI_TRY(const base::Fd directory, open_key_directory(target.parent_path()));
  const std::string name = target.filename().native();
  const int number = openat(directory.get(), name.c_str(),
                            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (number < 0) {
    return base::unexpected(base::fail(errno == EEXIST ? "gate.key-exists" : "base.open")
                                .with("path", file.native())
                                .with_errno(errno));
  }
  const base::Fd key_file(number);
  PrivateKey key = PrivateKey::generate();
  CCCI_CHECK(base::write_all(key_file.get(), key.pem()));
  CCCI_CHECK(base::real_disk().sync(key_file.get()));
  CCCI_CHECK(base::real_disk().sync(directory.get()));
  return key;
}

base::Result<PrivateKey> load_key(const fs::path& file) {
  CCCI_TRY(const base::Fd fd, base::open_path(file, O_RDONLY | O_NONBLOCK));
  struct stat status {};
  if (fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) || (status.st_mode & 0077U) != 0 ||
      status.st_uid != geteuid()) {
    return base::unexpected(base::fail("gate.key-mode").with("path", file.native()));
  }
  CCCI_TRY(const std::string pem, base::read_fd(fd.get(), largest_key, file.native()));
  return PrivateKey::from_pem(pem, file.native());
}

}  // namespace ccci::gate
