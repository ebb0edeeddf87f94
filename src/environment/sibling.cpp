// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/sibling.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/files.hpp"
#include "store/meta.hpp"
#include "store/tree.hpp"

namespace ccci::environment {

namespace {

using Type = store::Entry::Type;

// A host that was updated every week for a year has fifty environments. The last ones resemble a
// new one most, and reading the record of one takes a third of a millisecond.
constexpr std::size_t looked_at = 8;

// The published environments, the one that was published last first.
std::vector<store::Address> newest_environments(const store::Store& store) {
  using Time = std::pair<std::int64_t, std::int64_t>;
  std::vector<std::pair<Time, store::Address>> dated;
  // Nothing depends on it: without a list nothing is shared.
  auto all = store.list(store::Kind::environment).value_or(std::vector<store::Address>());
  for (store::Address& address : all) {
    struct stat status {};
    // Renaming an object to its name sets its change time.
    if (lstat(store.path(address).c_str(), &status) != 0) continue;
    dated.emplace_back(Time(-status.st_ctim.tv_sec, -status.st_ctim.tv_nsec), std::move(address));
  }
  std::sort(dated.begin(), dated.end());
  std::vector<store::Address> newest;
  for (auto& [time, address] : dated) {
    if (newest.size() < looked_at) newest.push_back(std::move(address));
  }
  return newest;
}

std::size_t in_common(const std::vector<store::Address>& a, std::vector<store::Address> b) {
  std::sort(b.begin(), b.end());
  std::vector<store::Address> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both.size();
}

base::Fd root_of_nearest(const store::Store& store, std::vector<store::Address> needs) {
  std::sort(needs.begin(), needs.end());
  std::size_t most = 0;
  base::Fd root;
  for (const store::Address& address : newest_environments(store)) {
    auto needed = store::needs(store, address);
    const std::size_t count = needed ? in_common(needs, *std::move(needed)) : 0;
    if (count <= most) continue;
    auto opened = base::open_path(store.path(address) / "root", O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!opened) continue;
    most = count;
    root = *std::move(opened);
  }
  return root;
}

bool is_alike(const struct stat& status, const store::Entry& entry, std::size_t size) {
  if (status.st_mtim.tv_sec != entry.time || status.st_mtim.tv_nsec != 0) return false;
  if (entry.type == Type::link) return S_ISLNK(status.st_mode);
  const mode_t mode = entry.executable ? 0755 : 0644;
  return S_ISREG(status.st_mode) && (status.st_mode & 07777U) == mode &&
         static_cast<std::size_t>(status.st_size) == size;
}

// Whether the new name has these bytes. A file that was damaged on the disk must not spread.
bool is_same(const base::Place& at, const store::Entry& entry, const std::string& content) {
  if (entry.type == Type::link) {
    const auto target = store::read_link(at.directory, at.name.c_str());
    return target && *target == entry.target;
  }
  const base::Fd file(
      openat(at.directory, at.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0 || !is_alike(status, entry, content.size())) {
    return false;
  }
  const auto bytes = base::read_fd(file.get(), content.size(), entry.path);
  return bytes && *bytes == content;
}

}  // namespace

Sibling::Sibling(const store::Store& store, std::vector<store::Address> needs)
    : root_(root_of_nearest(store, std::move(needs))), places_(root_.get()) {}

bool Sibling::share(const store::Entry& entry, const std::string& content, const base::Place& at) {
  if (!root_) return false;
  // No link is followed on the way: below an absolute one lies a file of the host.
  const auto from = places_.of(entry.path);
  struct stat status {};
  if (!from || fstatat(from->directory, from->name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
      !is_alike(status, entry, content.size())) {
    return false;
  }
  // EMLINK, EPERM, EXDEV: the caller writes the file, and so it does if the name is taken.
  if (linkat(from->directory, from->name.c_str(), at.directory, at.name.c_str(), 0) != 0) {
    return false;
  }
  if (is_same(at, entry, content)) return true;
  unlinkat(at.directory, at.name.c_str(), 0);
  return false;
}

}  // namespace ccci::environment
