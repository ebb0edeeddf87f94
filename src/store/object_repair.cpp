// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/object_repair.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "store/scan.hpp"
#include "store/tree.hpp"

namespace ccci::store {

namespace {

base::Error cannot(const std::string& path, int number) {
  return base::fail("base.write").with("path", path).with_errno(number);
}

}  // namespace

base::Result<ObjectRepair> ObjectRepair::open(Store& store) {
  CCCI_TRY(Staging aside, store.scratch("repair"));
  return ObjectRepair(store, std::move(aside));
}

std::string ObjectRepair::next_name() { return std::to_string(counter_++); }

base::Result<base::Fd> ObjectRepair::parent_of(const Address& object, const std::string& path,
                                               std::string& name) const {
  const std::size_t slash = path.rfind('/');
  name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
  return base::open_in_root(store_->directory(), below_state(object, parent),
                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

base::Result<void> ObjectRepair::set_aside(int parent, const std::string& name) {
  return store_->disk().rename_new(parent, name, aside_.directory(), next_name());
}

base::Result<void> ObjectRepair::into_place(const std::string& made, int parent,
                                            const std::string& name) {
  struct stat status {};
  // rename cannot replace a directory by a file.
  if (fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode)) {
    CCCI_CHECK(set_aside(parent, name));
  }
  CCCI_CHECK(store_->disk().rename_over(aside_.directory(), made, parent, name));
  // If both names were already the same inode, rename did nothing, and this name still exists.
  unlinkat(aside_.directory(), made.c_str(), 0);
  return {};
}

base::Result<void> ObjectRepair::put_file(const Address& object, const std::string& path,
                                          const std::string& donor) {
  std::string name;
  CCCI_TRY(const base::Fd parent, parent_of(object, path, name));
  const std::size_t slash = donor.rfind('/');
  CCCI_TRY(const base::Fd from, base::open_in_root(store_->directory(), donor.substr(0, slash),
                                                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const std::string made = next_name();
  if (linkat(from.get(), donor.substr(slash + 1).c_str(), aside_.directory(), made.c_str(), 0) !=
      0) {
    return base::unexpected(cannot(path, errno));
  }
  return into_place(made, parent.get(), name);
}

base::Result<void> ObjectRepair::put_link(const Address& object, const std::string& path,
                                          const std::string& target, std::int64_t time) {
  std::string name;
  CCCI_TRY(const base::Fd parent, parent_of(object, path, name));
  const std::string made = next_name();
  const struct timespec times[2] = {{time, 0}, {time, 0}};
  if (symlinkat(target.c_str(), aside_.directory(), made.c_str()) != 0 ||
      utimensat(aside_.directory(), made.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return base::unexpected(cannot(path, errno));
  }
  return into_place(made, parent.get(), name);
}

base::Result<void> ObjectRepair::put_directory(const Address& object, const std::string& path) {
  std::string name;
  CCCI_TRY(const base::Fd parent, parent_of(object, path, name));
  struct stat status {};
  const bool there = fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (there && !S_ISDIR(status.st_mode)) CCCI_CHECK(set_aside(parent.get(), name));
  const bool made = mkdirat(parent.get(), name.c_str(), 0755) == 0 || errno == EEXIST;
  if (!made || fchmodat(parent.get(), name.c_str(), 0755, 0) != 0) {
    return base::unexpected(cannot(path, errno));
  }
  return {};
}

base::Result<void> ObjectRepair::set_mode(const Address& object, const std::string& path,
                                          unsigned mode) {
  CCCI_TRY(const base::Fd file, base::open_in_root(store_->directory(), below_state(object, path),
                                                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return base::unexpected(cannot(path, errno));
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
    return base::unexpected(cannot(path, EINVAL));
  }
  if (fchmod(file.get(), mode) != 0) return base::unexpected(cannot(path, errno));
  return {};
}

base::Result<void> ObjectRepair::set_time(const Address& object, const std::string& path,
                                          std::int64_t time) {
  std::string name;
  CCCI_TRY(const base::Fd parent, parent_of(object, path, name));
  const struct timespec times[2] = {{time, 0}, {time, 0}};
  if (utimensat(parent.get(), name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return base::unexpected(cannot(path, errno));
  }
  return {};
}

base::Result<void> ObjectRepair::set_directory_times(const Address& object,
                                                     const Manifest& manifest) {
  if (manifest.times == Times::fixed) return {};
  CCCI_TRY(const base::Fd root, base::open_in_root(store_->directory(), below_state(object, "root"),
                                                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return normalise_directories(root.get(), manifest.digests());
}

base::Result<void> ObjectRepair::remove(const Address& object, const std::string& path) {
  std::string name;
  CCCI_TRY(const base::Fd parent, parent_of(object, path, name));
  return set_aside(parent.get(), name);
}

}  // namespace ccci::store
