// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "base/full_disk.hpp"

namespace ccci::base {

namespace {

Error failed(std::string_view code, std::string_view path, int number) {
  return at_path(fail(code).with_errno(number), std::filesystem::path(path));
}

// openat2 documents these errors as "try again": the tree changed during the lookup.
bool transient(int number) { return number == EINTR || number == EAGAIN; }

}  // namespace

Result<void> Disk::sync(int fd) {
  // No retry: after a failed fsync the kernel may have dropped the dirty pages, and a second fsync
  // would then succeed without writing them.
  if (fsync(fd) != 0) return unexpected(at_path(fail("base.sync").with_errno(errno), path_of(fd)));
  return {};
}

Result<void> Disk::sync_filesystem(int fd) {
  if (syncfs(fd) != 0) return unexpected(at_path(fail("base.sync").with_errno(errno), path_of(fd)));
  return {};
}

Result<void> Disk::rename_new(int from_dir, const std::string& from, int to_dir,
                              const std::string& to) {
  if (renameat2(from_dir, from.c_str(), to_dir, to.c_str(), RENAME_NOREPLACE) != 0) {
    return unexpected(at_path(fail("base.rename").with_errno(errno), to_dir, to));
  }
  return {};
}

Result<void> Disk::rename_over(int from_dir, const std::string& from, int to_dir,
                               const std::string& to) {
  if (renameat(from_dir, from.c_str(), to_dir, to.c_str()) != 0) {
    return unexpected(at_path(fail("base.rename").with_errno(errno), to_dir, to));
  }
  return {};
}

Disk& real_disk() {
  static Disk instance;
  return instance;
}

namespace {

Result<Fd> open_how_at(int directory, const std::string& path, const open_how& how) {
  for (;;) {
    const long fd = syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
    if (fd >= 0) return Fd(static_cast<int>(fd));
    const int number = errno;
    if (transient(number)) continue;
    Error error = fail("base.open").with_errno(number);
    const bool full = number == ENOSPC || number == EDQUOT;
    return unexpected(full ? at_path(std::move(error), directory, path)
                           : at_path(std::move(error), path));
  }
}

Result<void> require_file(int fd, std::string_view path) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return unexpected(failed("base.open", path, errno));
  if (S_ISREG(status.st_mode)) return {};
  return unexpected(fail("base.not-a-file", Condition::not_a_file).with("path", path));
}

}  // namespace

Result<Fd> open_in_root(int directory, const std::string& path, int flags, unsigned mode) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags) | O_CLOEXEC;
  how.mode = (how.flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return open_how_at(directory, path, how);
}

Result<Fd> open_within(int directory, const std::string& path) {
  open_how how{};
  // O_NONBLOCK: opening a FIFO must not wait for a writer. O_NOCTTY: it may be a terminal.
  how.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  auto file = open_how_at(directory, path, how);
  if (!file && file.error().is(std::errc::cross_device_link)) {
    return unexpected(fail("base.outside").with("path", path).with_errno(EXDEV));
  }
  if (!file) return file;
  CCCI_CHECK(require_file(file->get(), path));
  return file;
}

Result<Fd> make_directories_within(int directory, const std::string& path) {
  Fd at(fcntl(directory, F_DUPFD_CLOEXEC, 0));
  if (!at) return unexpected(failed("base.open", path, errno));
  for (const std::filesystem::path& part : std::filesystem::path(path)) {
    const std::string& name = part.native();
    if (mkdirat(at.get(), name.c_str(), 0755) != 0 && errno != EEXIST) {
      return unexpected(at_path(fail("base.mkdir").with_errno(errno), directory, path));
    }
    Fd below(openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!below || name == "..") return unexpected(failed("base.open", path, errno));
    at = std::move(below);
  }
  return at;
}

Result<Fd> open_path(const std::filesystem::path& path, int flags, unsigned mode) {
  for (;;) {
    const int fd = open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd >= 0) return Fd(fd);
    if (errno != EINTR) return unexpected(failed("base.open", path.native(), errno));
  }
}

Result<void> make_directories(const std::filesystem::path& path) {
  if (path.empty() || path == "/") return {};
  if (mkdir(path.c_str(), 0755) == 0) {
    // mkdir applies the umask, but the store's modes must not depend on it.
    if (chmod(path.c_str(), 0755) != 0)
      return unexpected(failed("base.mkdir", path.native(), errno));
    return {};
  }
  int number = errno;
  if (number == ENOENT) {
    CCCI_CHECK(make_directories(path.parent_path()));
    // Once only: below /proc the parent is there, and mkdir still says ENOENT.
    if (mkdir(path.c_str(), 0755) == 0) {
      if (chmod(path.c_str(), 0755) == 0) return {};
    }
    number = errno;
  }
  if (number == EEXIST && std::filesystem::is_directory(path)) return {};
  return unexpected(failed("base.mkdir", path.native(), number));
}

Result<std::string> read_fd(int fd, std::uint64_t limit, std::string_view name) {
  std::string content;
  struct stat status {};
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
    if (static_cast<std::uint64_t>(status.st_size) > limit) {
      return unexpected(fail("base.too-large", Condition::too_large)
                            .with("path", name)
                            .with("limit", static_cast<long long>(limit)));
    }
    content.reserve(static_cast<std::size_t>(status.st_size));
  }
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unexpected(failed("base.read", name, errno));
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > limit) {
      return unexpected(fail("base.too-large", Condition::too_large)
                            .with("path", name)
                            .with("limit", static_cast<long long>(limit)));
    }
  }
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit) {
  CCCI_TRY(const Fd fd, open_path(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
  CCCI_CHECK(require_file(fd.get(), path.native()));
  return read_fd(fd.get(), limit, path.native());
}

Result<std::string> read_within(int directory, const std::string& path, std::uint64_t limit) {
  CCCI_TRY(const Fd fd, open_within(directory, path));
  return read_fd(fd.get(), limit, path);
}

Result<void> write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t count = write(fd, data.data(), data.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unexpected(at_path(fail("base.write").with_errno(errno), path_of(fd)));
    data.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view content,
                          unsigned mode, Disk& disk) {
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
  CCCI_TRY(const Fd directory, open_path(parent, O_RDONLY | O_DIRECTORY));
  return replace_file(directory.get(), path.filename().native(), content, mode, disk);
}

Result<void> replace_file(int directory, const std::string& target, std::string_view content,
                          unsigned mode, Disk& disk) {
  const std::string temporary = "." + target + "." + std::to_string(getpid()) + ".new";
  unlinkat(directory, temporary.c_str(),
           0);  // left by an earlier process with our process id
  const int number = openat(directory, temporary.c_str(),
                            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  const auto discard = [&](Error error) {
    unlinkat(directory, temporary.c_str(), 0);
    return unexpected(at_path(std::move(error), directory, target));
  };
  if (number < 0) return discard(fail("base.open").with_errno(errno));
  const Fd file(number);
  if (auto written = write_all(file.get(), content); !written) return discard(written.error());
  if (fchmod(file.get(), mode) != 0) return discard(failed("base.write", target, errno));
  if (auto synced = disk.sync(file.get()); !synced) return discard(synced.error());
  if (auto renamed = disk.rename_over(directory, temporary, directory, target); !renamed) {
    return discard(renamed.error());
  }
  return disk.sync(directory);
}

Result<std::uint64_t> free_bytes(int fd) {
  struct statvfs status {};
  if (fstatvfs(fd, &status) != 0) return unexpected(fail("base.read").with_errno(errno));
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace ccci::base
