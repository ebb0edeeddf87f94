// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "base/fd.hpp"
#include "base/parent_directory.hpp"

namespace ccci::store {

namespace {

struct Level {
  base::Fd directory;
  std::string path;
  std::vector<std::string> names;
  std::size_t next = 0;
  struct stat status {};  // status of the directory itself, for leave()
};

int list_names(int directory, std::vector<std::string>& names) {
  const int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return errno;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(copy), &closedir);
  if (stream == nullptr) {
    const int number = errno;
    close(copy);
    return number;
  }
  errno = 0;
  while (const dirent* entry = readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return errno;
  std::sort(names.begin(), names.end());
  return 0;
}

class Walk {
 public:
  Walk(const Visitor& visitor) : visitor_(visitor) {}

  base::Result<bool> run(int directory) {
    const int copy = fcntl(directory, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return fail("", errno);
    CCCI_TRY(bool going, descend(base::Fd(copy), ""));
    while (going && !levels_.empty()) {
      Level& level = levels_.back();
      if (level.next < level.names.size()) {
        CCCI_TRY(going, visit(level));
      } else {
        going = ascend();
      }
    }
    return going;
  }

 private:
  base::Result<bool> fail(const std::string& path, int number) {
    if (visitor_.unreadable) {
      visitor_.unreadable(path, number);
      return true;
    }
    return base::unexpected(base::fail("base.read").with("path", path).with_errno(number));
  }

  base::Result<bool> descend(base::Fd directory, std::string path) {
    Level level{std::move(directory), std::move(path), {}, 0, {}};
    if (fstat(level.directory.get(), &level.status) != 0) return fail(level.path, errno);
    if (const int number = list_names(level.directory.get(), level.names); number != 0) {
      return fail(level.path, number);
    }
    levels_.push_back(std::move(level));
    return true;
  }

  base::Result<bool> visit(Level& level) {
    const std::string name = level.names[level.next++];
    const std::string path = level.path.empty() ? name : level.path + "/" + name;
    const int parent = level.directory.get();
    struct stat status {};
    if (fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return fail(path, errno);
    const Step step = visitor_.enter({path, parent, name.c_str(), status});
    if (step == Step::stop) return false;
    if (step == Step::skip || !S_ISDIR(status.st_mode)) return true;
    if (levels_.size() >= deepest_tree) return fail(path, ELOOP);
    const int number =
        openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (number < 0) return fail(path, errno);
    return descend(base::Fd(number), path);  // `level` may be invalid after this
  }

  bool ascend() {
    const Level done = std::move(levels_.back());
    levels_.pop_back();
    if (levels_.empty() || !visitor_.leave) return true;
    const std::size_t slash = done.path.rfind('/');
    const std::string name = slash == std::string::npos ? done.path : done.path.substr(slash + 1);
    return visitor_.leave({done.path, levels_.back().directory.get(), name.c_str(), done.status}) !=
           Step::stop;
  }

  const Visitor& visitor_;
  std::vector<Level> levels_;
};

base::Result<Entry> measure_entry(const Node& node, Times times) {
  Entry entry;
  entry.path = node.path;
  const bool timed = times == Times::own && !S_ISDIR(node.status.st_mode);
  if (timed) entry.time = node.status.st_mtim.tv_sec;
  if (S_ISDIR(node.status.st_mode)) {
    entry.type = Entry::Type::directory;
  } else if (S_ISLNK(node.status.st_mode)) {
    entry.type = Entry::Type::link;
    CCCI_TRY(entry.target, read_link(node.parent, node.name));
  } else if (S_ISREG(node.status.st_mode)) {
    entry.executable = (node.status.st_mode & 0111U) != 0;
    entry.size = static_cast<std::uint64_t>(node.status.st_size);
    const int number = openat(node.parent, node.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (number < 0) {
      return base::unexpected(base::fail("base.open").with("path", node.path).with_errno(errno));
    }
    const base::Fd file(number);
    CCCI_TRY(entry.content, base::sha256_of_fd(file.get()));
  } else {
    return base::unexpected(base::fail("store.file-type").with("path", node.path));
  }
  return entry;
}

}  // namespace

base::Result<bool> walk(int directory, const Visitor& visitor) {
  return Walk(visitor).run(directory);
}

base::Result<Manifest> measure(int directory, std::string_view except, Times times) {
  Manifest manifest;
  manifest.times = times;
  base::Error failure;
  const Visitor visitor{.enter =
                            [&](const Node& node) {
                              if (node.path == except) return Step::skip;
                              auto entry = measure_entry(node, times);
                              if (!entry) {
                                failure = std::move(entry).error();
                                return Step::stop;
                              }
                              manifest.entries.push_back(std::move(*entry));
                              return Step::on;
                            },
                        .leave = {},
                        .unreadable = {}};
  CCCI_TRY(const bool complete, walk(directory, visitor));
  if (!complete) return base::unexpected(std::move(failure));
  std::sort(manifest.entries.begin(), manifest.entries.end(),
            [](const Entry& a, const Entry& b) { return a.path < b.path; });
  return manifest;
}

base::Result<void> normalise_directories(int root, const TreeDigests& digests) {
  const auto refuse = [](const std::string& path) {
    return base::unexpected(base::fail("base.write").with("path", path).with_errno(errno));
  };
  const auto times_of = [](const base::Digest& digest) {
    const struct timespec time { derived_time(digest), 0 };
    return std::array{time, time};
  };
  base::ParentDirectory parents(root);
  for (const auto& [path, digest] : digests.directories) {
    const auto times = times_of(digest);
    CCCI_TRY(const base::Place at, parents.of(path));
    const char* const name = at.name.c_str();
    struct stat status {};
    if (fstatat(at.directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return refuse(path);
    const bool changed = (status.st_mode & 07777U) != 0755;
    if ((changed && fchmodat(at.directory, name, 0755, 0) != 0) ||
        utimensat(at.directory, name, times.data(), AT_SYMLINK_NOFOLLOW) != 0) {
      return refuse(path);
    }
  }
  const auto times = times_of(digests.root);
  if (fchmod(root, 0755) != 0 || futimens(root, times.data()) != 0) return refuse(".");
  return {};
}

base::Result<std::string> read_link(int directory, const char* name) {
  std::string target(4096, '\0');
  const ssize_t length = readlinkat(directory, name, target.data(), target.size());
  if (length < 0) {
    return base::unexpected(base::fail("base.read").with("path", name).with_errno(errno));
  }
  target.resize(static_cast<std::size_t>(length));
  return target;
}

}  // namespace ccci::store
