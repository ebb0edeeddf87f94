// SPDX-License-Identifier: GPL-3.0-or-later
// remove_tree() and refuse_mounts(). Both go through a tree of any depth with few descriptors.
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <vector>

#include "base/files.hpp"

namespace ccci::base {

namespace {

// Levels whose directories stay open. To go back to one above them, ".." is opened and compared.
constexpr std::size_t open_levels = 32;
constexpr std::size_t longest_shown = 300;

struct Entry {
  std::string name;
  bool directory = false;
};

struct Level {
  std::string name;
  Fd directory;
  dev_t device = 0;
  ino_t inode = 0;
  std::vector<Entry> entries;
  std::size_t next = 0;
};

enum class Kind { gone, directory, other };

class Walk {
 public:
  enum class Task { look, remove };

  Walk(int start, Task task) : start_(start), task_(task) {}

  Result<void> run(const std::string& name) {
    CCCI_TRY(const Kind kind, kind_of(start_, name));
    if (kind == Kind::gone) return {};
    if (kind == Kind::other) return other(start_, name);
    CCCI_CHECK(descend(start_, name));
    while (!levels_.empty()) {
      Level& level = levels_.back();
      if (level.next == level.entries.size()) {
        CCCI_CHECK(ascend());
        continue;
      }
      const Entry entry = std::move(level.entries[level.next++]);
      const int here = level.directory.get();
      CCCI_CHECK(entry.directory ? descend(here, entry.name) : other(here, entry.name));
    }
    return {};
  }

 private:
  std::string shown(const std::string& name) const {
    std::string path;
    for (const Level& level : levels_) path += level.name + "/";
    path += name;
    if (path.size() <= longest_shown) return path;
    return path.substr(0, longest_shown / 2) + "…" + path.substr(path.size() - longest_shown / 2);
  }

  tl::unexpected<Error> failed(const std::string& name, int number) const {
    return unexpected(fail("base.remove").with("path", shown(name)).with_errno(number));
  }

  // The whole path of the mount, so that it can be unmounted.
  tl::unexpected<Error> mounted(int parent, const std::string& name) const {
    std::string path(4096, '\0');
    const ssize_t length =
        readlink(("/proc/self/fd/" + std::to_string(parent)).c_str(), path.data(), path.size());
    path.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    path = path.starts_with('/') ? (path == "/" ? "" : path) + "/" + name : shown(name);
    Error error = fail("base.mount", Condition::mounted)
                      .with("path", path)
                      .with("cause", path + " is a mount point");
    error.number = EXDEV;
    return unexpected(std::move(error));
  }

  Result<Kind> kind_of(int parent, const std::string& name) const {
    struct statx status {};
    if (statx(parent, name.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &status) !=
        0) {
      if (errno == ENOENT) return Kind::gone;
      return failed(name, errno);
    }
    if ((status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) return mounted(parent, name);
    return S_ISDIR(status.stx_mode) ? Kind::directory : Kind::other;
  }

  // Something that is not a directory.
  Result<void> other(int parent, const std::string& name) const {
    if (task_ == Task::look) {
      CCCI_CHECK(kind_of(parent, name));
      return {};
    }
    if (unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return {};
    const int number = errno;
    CCCI_CHECK(kind_of(parent, name));  // a mount point says so itself
    return failed(name, number);
  }

  // RESOLVE_NO_XDEV: a bind mount of the same file system has the same device number.
  static int open_below(int parent, const char* name) {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
    for (;;) {
      const long fd = syscall(SYS_openat2, parent, name, &how, sizeof how);
      if (fd >= 0 || (errno != EINTR && errno != EAGAIN)) return static_cast<int>(fd);
    }
  }

  Result<void> descend(int parent, const std::string& name) {
    int number = open_below(parent, name.c_str());
    if (number < 0 && errno == EACCES && fchmodat(parent, name.c_str(), 0700, 0) == 0) {
      number = open_below(parent, name.c_str());
    }
    if (number < 0 && errno == ENOENT) return {};
    if (number < 0 && errno == EXDEV) return mounted(parent, name);
    // Another process has put something else there.
    if (number < 0 && (errno == ENOTDIR || errno == ELOOP)) return other(parent, name);
    if (number < 0) return failed(name, errno);
    Level level;
    level.directory = Fd(number);
    struct stat status {};
    if (fstat(number, &status) != 0) return failed(name, errno);
    level.device = status.st_dev;
    level.inode = status.st_ino;
    const bool writes = task_ == Task::remove && (status.st_mode & 0700U) != 0700U;
    if (writes) fchmod(number, 0700);
    if (const int problem = list(number, level.entries); problem != 0) return failed(name, problem);
    level.name = name;
    levels_.push_back(std::move(level));
    if (levels_.size() > open_levels) levels_[levels_.size() - 1 - open_levels].directory.reset();
    return {};
  }

  static int list(int directory, std::vector<Entry>& entries) {
    const int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) return errno;
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(copy), &closedir);
    if (stream == nullptr) {
      const int number = errno;
      close(copy);
      return number;
    }
    // Collect the names first: POSIX does not define readdir's result if entries are removed
    // meanwhile.
    errno = 0;
    while (const dirent* found = readdir(stream.get())) {
      const std::string_view name = found->d_name;
      if (name == "." || name == "..") continue;
      bool is_directory = found->d_type == DT_DIR;
      if (found->d_type == DT_UNKNOWN) {
        struct stat status {};
        is_directory = fstatat(directory, found->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                       S_ISDIR(status.st_mode);
      }
      entries.push_back({std::string(name), is_directory});
      errno = 0;
    }
    return errno;
  }

  // Makes the parent of the last level ready again. Its inode is compared, because another process
  // may have moved the level elsewhere.
  Result<void> reopen_parent() {
    if (levels_.size() < 2) return {};
    Level& parent = levels_[levels_.size() - 2];
    if (parent.directory) return {};
    Fd above(openat(levels_.back().directory.get(), "..",
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!above || fstat(above.get(), &status) != 0) return failed(".", errno);
    if (status.st_ino != parent.inode || status.st_dev != parent.device) return failed(".", ESTALE);
    parent.directory = std::move(above);
    return {};
  }

  Result<void> ascend() {
    CCCI_CHECK(reopen_parent());
    const Level done = std::move(levels_.back());
    levels_.pop_back();
    if (task_ == Task::look) return {};
    const int parent = levels_.empty() ? start_ : levels_.back().directory.get();
    if (unlinkat(parent, done.name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
    return failed(done.name, errno);
  }

  int start_;
  Task task_;
  std::vector<Level> levels_;
};

}  // namespace

Result<void> refuse_mounts(int directory, const std::string& name) {
  return Walk(directory, Walk::Task::look).run(name);
}

Result<void> remove_tree(int directory, const std::string& name) {
  CCCI_CHECK(refuse_mounts(directory, name));
  return Walk(directory, Walk::Task::remove).run(name);
}

namespace {

// Calls `act` with the open parent and the name. An absent parent is no error.
template <typename Act>
Result<void> in_parent(const std::filesystem::path& path, Act act) {
  const auto parent =
      open_path(path.has_parent_path() ? path.parent_path() : ".", O_RDONLY | O_DIRECTORY);
  if (!parent && parent.error().is(std::errc::no_such_file_or_directory)) return {};
  if (!parent) return unexpected(parent.error());
  return act(parent->get(), path.filename().native());
}

}  // namespace

Result<void> remove_tree(const std::filesystem::path& path) {
  return in_parent(path,
                   [](int parent, const std::string& name) { return remove_tree(parent, name); });
}

Result<void> refuse_mounts(const std::filesystem::path& path) {
  return in_parent(path,
                   [](int parent, const std::string& name) { return refuse_mounts(parent, name); });
}

}  // namespace ccci::base
