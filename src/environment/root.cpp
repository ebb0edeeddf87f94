// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/root.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/files.hpp"
#include "environment/start_lines.hpp"
#include "store/tree.hpp"

namespace ccci::environment {

namespace {

using Type = store::Entry::Type;

base::unexpected<base::Error> refuse(const std::string& path, int number) {
  return base::unexpected(
      base::fail("environment.compose").with("path", "/" + path).with_errno(number));
}

std::array<struct timespec, 2> times_of(std::int64_t time) {
  const struct timespec at { time, 0 };
  return {at, at};
}

bool set_form(int file, unsigned mode, std::int64_t time) {
  return fchmod(file, mode) == 0 && futimens(file, times_of(time).data()) == 0;
}

}  // namespace

base::Result<void> Root::make(const std::vector<Operation>& operations) {
  objects_.resize(parts_.size());
  entries_.reserve(operations.size() + 512);
  for (const Operation& operation : operations) {
    switch (operation.kind) {
      case Operation::Kind::directory:
        CCCI_CHECK(make_directory(operation.path));
        entries_.push_back(operation.entry);
        break;
      case Operation::Kind::link:
        CCCI_CHECK(symbolic_link(operation));
        entries_.push_back(operation.entry);
        break;
      case Operation::Kind::hard_link:
        CCCI_CHECK(hard_link(operation));
        entries_.push_back(operation.entry);
        break;
      case Operation::Kind::file:
        CCCI_CHECK(add_file(operation.entry, operation.content));
        break;
      case Operation::Kind::script:
        CCCI_CHECK(script(operation));
        break;
      case Operation::Kind::starter:
        CCCI_CHECK(starter(operation));
        break;
    }
  }
  return {};
}

std::string Root::package_of(const std::string& path) const {
  for (const Part& part : parts_) {
    for (const store::Entry& entry : part.manifest.entries) {
      const bool above = path.starts_with(entry.path) &&
                         (path.size() == entry.path.size() || path[entry.path.size()] == '/');
      if (above && entry.type != Type::directory) return part.owner();
    }
  }
  return {};
}

base::Result<base::Place> Root::place(const std::string& path) {
  auto at = places_.of(path);
  if (at) return at;
  const std::string parent = path.substr(0, path.rfind('/'));
  if (at.error().is(std::errc::too_many_symbolic_link_levels) ||
      at.error().is(std::errc::not_a_directory)) {
    return base::unexpected(base::fail("environment.below-link")
                                .with("path", "/" + path)
                                .with("parent", "/" + parent)
                                .with("package", package_of(parent)));
  }
  return at;
}

base::Result<void> Root::make_directory(const std::string& path) {
  CCCI_TRY(const base::Place at, place(path));
  if (mkdirat(at.directory, at.name.c_str(), 0755) != 0) return refuse(path, errno);
  return {};
}

base::Result<void> Root::make_link(const store::Entry& entry) {
  CCCI_TRY(const base::Place at, place(entry.path));
  if (sibling_ != nullptr && sibling_->share(entry, {}, at)) return {};
  const auto times = times_of(entry.time);
  if (symlinkat(entry.target.c_str(), at.directory, at.name.c_str()) != 0 ||
      utimensat(at.directory, at.name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0) {
    return refuse(entry.path, errno);
  }
  return {};
}

base::Result<int> Root::object_root(int part) {
  base::Fd& fd = objects_[static_cast<std::size_t>(part)];
  if (!fd) {
    const store::Address& object = parts_[static_cast<std::size_t>(part)].object;
    auto opened = base::open_path(store_.path(object) / "root", O_PATH | O_DIRECTORY);
    if (!opened && opened.error().is(std::errc::too_many_files_open)) {
      for (base::Fd& other : objects_) other.reset();
      opened = base::open_path(store_.path(object) / "root", O_PATH | O_DIRECTORY);
    }
    CCCI_TRY(fd, std::move(opened));
  }
  return fd.get();
}

base::Result<void> Root::hard_link(const Operation& operation) {
  CCCI_TRY(const int object, object_root(operation.part));
  CCCI_TRY(const base::Place at, place(operation.path));
  if (linkat(object, operation.path_in_part.c_str(), at.directory, at.name.c_str(), 0) == 0) {
    return {};
  }
  // EMLINK: on ext4 an inode has at most 65,000 names. EPERM: the file system has no hard links.
  // EXDEV: the store is on several file systems.
  if (errno == EMLINK || errno == EXDEV || errno == EPERM) return copy(object, operation);
  return refuse(operation.path, errno);
}

// A package's symbolic link is hard-linked too: a new inode costs several times as much as a name.
base::Result<void> Root::symbolic_link(const Operation& operation) {
  if (operation.part >= 0) {
    CCCI_TRY(const int object, object_root(operation.part));
    CCCI_TRY(const base::Place at, place(operation.path));
    if (linkat(object, operation.path_in_part.c_str(), at.directory, at.name.c_str(), 0) == 0) {
      return {};
    }
  }
  return make_link(operation.entry);
}

base::Result<void> Root::copy(int from, const Operation& operation) {
  CCCI_TRY(const base::Fd source, base::open_in_root(from, operation.path_in_part, O_RDONLY));
  const unsigned mode = operation.entry.executable ? 0755 : 0644;
  CCCI_TRY(const base::Place at, place(operation.path));
  const base::Fd target(openat(at.directory, at.name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!target) return refuse(operation.path, errno);
  // copy_file_range shares the blocks if the file system supports it.
  for (std::uint64_t left = operation.entry.size; left > 0;) {
    const ssize_t count = copy_file_range(source.get(), nullptr, target.get(), nullptr, left, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return refuse(operation.path, count < 0 ? errno : EIO);
    left -= static_cast<std::uint64_t>(count);
  }
  if (!set_form(target.get(), mode, operation.entry.time)) return refuse(operation.path, errno);
  return {};
}

base::Result<void> Root::parents(const std::string& path) {
  std::string above = path.substr(0, path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
  if (above == parent_) return {};
  parent_ = std::move(above);
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    CCCI_TRY(const base::Place at, place(parent));
    if (mkdirat(at.directory, at.name.c_str(), 0755) == 0) {
      store::Entry entry;
      entry.type = Type::directory;
      entry.path = parent;
      entries_.push_back(std::move(entry));
    } else if (errno != EEXIST) {
      return refuse(parent, errno);
    }
  }
  return {};
}

base::Result<void> Root::write(const std::string& path, const std::string& content,
                               std::int64_t time) {
  CCCI_CHECK(parents(path));
  store::Entry entry;
  entry.path = path;
  entry.time = time;
  return add_file(entry, content);
}

base::Result<void> Root::script(const Operation& operation) {
  constexpr std::uint64_t largest = 256U << 20U;
  CCCI_TRY(const int object, object_root(operation.part));
  CCCI_TRY(const base::Fd file, base::open_in_root(object, operation.path_in_part, O_RDONLY));
  CCCI_TRY(const std::string text, base::read_fd(file.get(), largest, operation.path));
  return add_file(operation.entry, operation.content + text.substr(text.find('\n')));
}

base::Result<void> Root::starter(const Operation& operation) {
  CCCI_TRY(const int object, object_root(operation.part));
  CCCI_TRY(const base::Fd file, base::open_in_root(object, operation.path_in_part, O_RDONLY));
  std::array<char, 256> head{};
  const ssize_t size = pread(file.get(), head.data(), head.size(), 0);
  if (size < 0) return refuse(operation.path, errno);
  const StartLines lines = start_lines({head.data(), static_cast<std::size_t>(size)},
                                       operation.program, operation.needs);
  return add_file(operation.entry, operation.content + (lines.word.empty() ? "" : " ") +
                                       lines.word + "\n" + lines.rest);
}

base::Result<void> Root::make_file(const store::Entry& entry, const std::string& content) {
  const unsigned mode = entry.executable ? 0755 : 0644;
  CCCI_TRY(const base::Place at, place(entry.path));
  if (sibling_ != nullptr && sibling_->share(entry, content, at)) return {};
  const base::Fd file(openat(at.directory, at.name.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file) return refuse(entry.path, errno);
  CCCI_CHECK(base::write_all(file.get(), content));
  if (!set_form(file.get(), mode, entry.time)) return refuse(entry.path, errno);
  return {};
}

base::Result<void> Root::add_file(const store::Entry& about, const std::string& content) {
  CCCI_CHECK(make_file(about, content));
  store::Entry entry = about;
  entry.size = content.size();
  entry.content = base::sha256(content);
  entries_.push_back(std::move(entry));
  return {};
}

base::Result<void> Root::link(const std::string& path, const std::string& target) {
  CCCI_CHECK(parents(path));
  store::Entry entry;
  entry.time = epoch_;
  entry.type = Type::link;
  entry.path = path;
  entry.target = target;
  if (auto made = make_link(entry); !made) {
    if (made.error().is(std::errc::file_exists)) return {};  // a package contains it: keep that one
    return made;
  }
  entries_.push_back(std::move(entry));
  return {};
}

base::Result<void> Root::same(const std::string& path, const std::string& file) {
  CCCI_CHECK(parents(path));
  const auto there = std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return entry.type == Type::file && entry.path == file;
  });
  if (there == entries_.end()) return refuse(file, ENOENT);
  Operation operation;
  operation.path = path;
  operation.entry = *there;
  operation.entry.path = path;
  CCCI_TRY(const base::Place from, place(file));
  const base::Fd source(fcntl(from.directory, F_DUPFD_CLOEXEC, 0));  // place() may close the other
  CCCI_TRY(const base::Place at, place(path));
  if (linkat(source.get(), from.name.c_str(), at.directory, at.name.c_str(), 0) != 0) {
    if (errno == EEXIST) return {};  // a package contains it: keep that one
    if (errno != EMLINK && errno != EPERM) return refuse(path, errno);
    operation.path_in_part = file;
    CCCI_CHECK(copy(directory_, operation));
  }
  entries_.push_back(std::move(operation.entry));
  return {};
}

base::Result<std::string> Root::read(const std::string& path, std::uint64_t limit) const {
  CCCI_TRY(const base::Fd file, base::open_in_root(directory_, path, O_RDONLY));
  return base::read_fd(file.get(), limit, path);
}

base::Result<store::WrittenTree> Root::finish() && {
  std::sort(entries_.begin(), entries_.end(),
            [](const store::Entry& a, const store::Entry& b) { return a.path < b.path; });
  store::Manifest manifest{std::move(entries_)};
  const store::TreeDigests digests = manifest.digests();
  CCCI_CHECK(store::normalise_directories(directory_, digests));
  return store::WrittenTree{std::move(manifest), digests.root};
}

}  // namespace ccci::environment
