// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "store/full.hpp"
#include "store/state.hpp"

namespace ccci::store {

namespace {

// Waits for the lock. A signal handler that only sets a flag does not end the wait.
bool lock_file(int fd, int operation) {
  int result = 0;
  do {
    result = flock(fd, operation);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

std::vector<std::string> names_in(int directory) {
  std::vector<std::string> names;
  const int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(copy), &closedir);
  if (stream == nullptr) {
    close(copy);
    return names;
  }
  while (const dirent* entry = readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// A live process holds the lock of each directory that it makes, and the kernel releases the lock
// when the process dies. So a reused pid, a reboot or another pid namespace cannot cause a mistake.
// Objects that collect() moved to staging/ have no lock, so nothing is removed while collect()
// runs.
void clear_dead(int staging, int locks) {
  const base::Fd lock(openat(locks, "collection", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!lock || flock(lock.get(), LOCK_SH | LOCK_NB) != 0) return;
  for (const std::string& name : names_in(staging)) {
    const base::Fd directory(
        openat(staging, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (directory && flock(directory.get(), LOCK_EX | LOCK_NB) != 0) continue;
    // If it cannot be removed now (a store of another user), the next open tries again.
    static_cast<void>(base::remove_tree(staging, name));
  }
}

base::Error of_lock(std::string_view name, int number) {
  return base::fail("store.lock").with("lock", name).with_errno(number);
}

base::Result<base::Fd> open_lock(int locks, const std::string& name, int operation) {
  base::Fd fd(openat(locks, name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  // The store may be read-only for us: another user's, or on a read-only file system. A reader must
  // still be able to delay a collection, so it opens the lock for reading.
  if (!fd && operation == LOCK_SH && (errno == EACCES || errno == EROFS)) {
    fd = base::Fd(openat(locks, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  }
  if (!fd || !lock_file(fd.get(), operation)) {
    return base::unexpected(unless_full(of_lock(name, errno), name, blocks_of(0, 1), locks));
  }
  return fd;
}

}  // namespace

Staging::State::~State() {
  if (!published && directory) static_cast<void>(base::remove_tree(parent.get(), name));
}

Staging::Staging(std::unique_ptr<State> state) : state_(std::move(state)) {}
Staging::Staging(Staging&&) noexcept = default;
Staging& Staging::operator=(Staging&&) noexcept = default;
Staging::~Staging() = default;
int Staging::directory() const { return state_->directory.get(); }
std::filesystem::path Staging::path() const { return state_->path; }
const Address& Staging::address() const { return state_->address; }
void Staging::root_is_normal() { state_->normal_root = true; }

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

base::Result<Store> Store::open(const std::filesystem::path& state, base::Disk& disk) {
  const auto refuse = [&](const base::Error& error) {
    return base::unexpected(base::fail("store.state-directory")
                                .with("path", state.native())
                                .with("part", error.field("path"))
                                .with("cause", error.field("cause")));
  };
  auto made = std::make_unique<State>();
  made->path = std::filesystem::absolute(state).lexically_normal();
  if (!made->path.has_filename()) made->path = made->path.parent_path();
  made->disk = &disk;
  const bool fresh = !std::filesystem::exists(made->path / "locks");
  const auto directory = [&](const std::filesystem::path& below) -> base::Result<base::Fd> {
    CCCI_CHECK(base::make_directories(made->path / below));
    return base::open_path(made->path / below, O_RDONLY | O_DIRECTORY);
  };
  for (const Kind kind : all_kinds) {
    auto fd = directory(std::filesystem::path("store") / kind_name(kind));
    if (!fd) return refuse(fd.error());
    made->kinds[static_cast<std::size_t>(kind)] = std::move(*fd);
  }
  for (const char* name : {"archives", "roots"}) {
    if (auto fd = directory(name); !fd) return refuse(fd.error());
  }
  auto staging = directory("staging");
  auto locks = staging ? directory("locks") : base::unexpected(staging.error());
  auto top =
      locks ? base::open_path(made->path, O_RDONLY | O_DIRECTORY) : base::unexpected(locks.error());
  if (!top) return refuse(top.error());
  made->staging = std::move(*staging);
  made->locks = std::move(*locks);
  made->directory = std::move(*top);
  // The directories of a new store must be durable before an object is published in them.
  if (fresh) {
    if (auto synced = disk.sync_filesystem(made->directory.get()); !synced) {
      return refuse(synced.error());
    }
  }
  clear_dead(made->staging.get(), made->locks.get());
  return Store(std::move(made));
}

const std::filesystem::path& Store::state() const { return state_->path; }
std::filesystem::path Store::archives() const { return state_->path / "archives"; }
int Store::directory() const { return state_->directory.get(); }
int Store::directory(Kind kind) const { return state_->kind_directory(kind); }
int Store::staging() const { return state_->staging.get(); }
int Store::locks() const { return state_->locks.get(); }
base::Disk& Store::disk() const { return *state_->disk; }

std::filesystem::path Store::path(const Address& address) const {
  return state_->path / "store" / kind_name(address.kind) / address.directory();
}

bool Store::has(const Address& address) const {
  struct stat status {};
  return fstatat(state_->kind_directory(address.kind), address.directory().c_str(), &status,
                 AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(status.st_mode);
}

base::Result<Hold> Store::hold() {
  const std::lock_guard guard(state_->hold_mutex);
  if (Hold held = state_->held.lock()) return held;
  CCCI_TRY(base::Fd fd, open_lock(state_->locks.get(), "collection", LOCK_SH));
  auto held = std::make_shared<const base::Fd>(std::move(fd));
  state_->held = held;
  return Hold(held);
}

base::Result<base::Fd> Store::exclude_builders() {
  const std::lock_guard guard(state_->hold_mutex);
  if (!state_->held.expired()) return base::unexpected(base::fail("store.busy"));
  return open_lock(state_->locks.get(), "collection", LOCK_EX);
}

base::Result<Staging> Store::State::new_staging(Address address, Hold hold, base::Fd lock) {
  auto made = std::make_unique<Staging::State>();
  const auto refuse = [&](int number) {
    if (is_full(number))
      return base::unexpected(no_space(address.label, blocks_of(0, 1), staging.get()));
    return base::unexpected(
        base::fail("store.staging").with("path", (path / "staging").native()).with_errno(number));
  };
  made->parent = base::Fd(fcntl(staging.get(), F_DUPFD_CLOEXEC, 0));
  if (!made->parent) return refuse(errno);
  // Another process may remove the directory between mkdir and flock, because it looks dead. So
  // after flock, check that the name still has this inode, otherwise make a new directory.
  for (;;) {
    const std::string name = address.directory() + "." + std::to_string(getpid()) + "." +
                             std::to_string(counter.fetch_add(1));
    if (mkdirat(staging.get(), name.c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;
      return refuse(errno);
    }
    base::Fd opened(
        openat(staging.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!opened && errno == ENOENT) continue;
    if (!opened || !lock_file(opened.get(), LOCK_EX)) return refuse(errno);
    struct stat mine {};
    struct stat there {};
    const bool present = fstat(opened.get(), &mine) == 0 &&
                         fstatat(staging.get(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
                         mine.st_ino == there.st_ino;
    if (!present) continue;
    made->name = name;
    made->path = path / "staging" / name;
    made->directory = std::move(opened);
    break;
  }
  made->address = std::move(address);
  made->hold = std::move(hold);
  made->lock = std::move(lock);
  return Staging(std::move(made));
}

base::Result<std::optional<Staging>> Store::claim(const Address& address) {
  CCCI_TRY(Hold held, hold());
  CCCI_TRY(base::Fd lock, open_lock(state_->locks.get(), address.hash, LOCK_EX));
  // Check only under the lock: another process may have published the object while we waited for
  // it.
  if (has(address)) return std::optional<Staging>();
  CCCI_TRY(Staging staging, state_->new_staging(address, std::move(held), std::move(lock)));
  return std::optional<Staging>(std::move(staging));
}

base::Result<Staging> Store::scratch(std::string_view label) {
  return state_->new_staging(store::address(Kind::package, label, label), nullptr, {});
}

std::vector<Address> Store::list(Kind kind) const {
  std::vector<Address> found;
  for (const std::string& name : names_in(state_->kind_directory(kind))) {
    auto address = read_directory(kind, name);
    if (address && has(*address)) found.push_back(std::move(*address));
  }
  return found;
}

base::Result<Address> Store::find(std::string_view prefix) const {
  constexpr std::size_t least = 4;  // shorter prefixes soon become ambiguous
  std::vector<Address> found;
  for (const Kind kind : all_kinds) {
    if (prefix.size() < least) break;
    for (Address& address : list(kind)) {
      if (address.hash.starts_with(prefix)) found.push_back(std::move(address));
    }
  }
  if (found.empty()) return base::unexpected(base::fail("store.unknown").with("object", prefix));
  if (found.size() > 1) {
    return base::unexpected(base::fail("store.ambiguous")
                                .with("object", prefix)
                                .with("first", reference(found[0]))
                                .with("second", reference(found[1])));
  }
  return found[0];
}

}  // namespace ccci::store
