// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/directory.hpp"
#include "base/full_disk.hpp"
#include "store/full.hpp"
#include "store/state.hpp"

namespace ccci::store {

namespace {

// Builds of the same lock wait for each other's packages all the time. Only a long wait is told.
constexpr std::chrono::minutes shared_work{1};

base::Error of_lock(std::string_view name, int number) {
  return base::fail("store.lock").with("lock", name).with_errno(number);
}

}  // namespace

// A live process holds the lock of each directory that it makes, and the kernel releases the lock
// when the process dies. So a reused pid, a reboot or another pid namespace cannot cause a mistake.
// Objects that collect() moved to staging/ have no lock, so nothing is removed while collect()
// runs.
void clear_dead(int staging, int locks) {
  const auto lock = base::open_lock_file(locks, "collection");
  if (!lock || !base::try_lock(lock->get(), base::LockMode::shared)) return;
  // What cannot be read now, the next open tries again.
  const auto names = base::names_in(staging);
  if (!names) return;
  for (const std::string& name : *names) {
    const base::Fd directory(
        openat(staging, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (directory && !base::try_lock(directory.get(), base::LockMode::exclusive)) continue;
    // If it cannot be removed now (a store of another user), the next open tries again.
    static_cast<void>(base::remove_tree(staging, name));
  }
}

base::Result<base::Fd> Store::State::lock(const std::string& name, base::LockMode mode,
                                          const std::string& shown,
                                          std::chrono::milliseconds quiet) {
  auto file = base::open_lock_file(locks.get(), name);
  if (!file) {
    return base::unexpected(
        unless_full(of_lock(name, file.error().number), name, blocks_of(0, 1), locks.get()));
  }
  CCCI_CHECK(
      base::take_lock(file->get(), mode, {.name = shown, .progress = *progress, .quiet = quiet}));
  return std::move(*file);
}

// A user who may not lock the store can only look at it. A collection does not wait for this user.
base::Result<base::Fd> Store::State::hold() {
  if (access == Access::change) {
    auto file = lock("collection", base::LockMode::shared, "lock 'collection' of the store");
    const bool only_looks = !file && (file.error().is(std::errc::permission_denied) ||
                                      file.error().is(std::errc::read_only_file_system) ||
                                      file.error().is(std::errc::bad_file_descriptor));
    return only_looks ? base::Fd() : std::move(file);
  }
  base::Fd file(openat(locks.get(), "collection", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file) {
    CCCI_CHECK(base::take_lock(file.get(), base::LockMode::shared,
                               {"lock 'collection' of the store", *progress}));
  }
  return file;
}

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

const std::filesystem::path& Store::state() const { return state_->path; }
std::filesystem::path Store::archives() const { return state_->path / "archives"; }
int Store::directory() const { return state_->directory.get(); }
int Store::directory(Kind kind) const { return state_->kind_directory(kind); }
int Store::staging() const { return state_->staging.get(); }
int Store::locks() const { return state_->locks.get(); }
base::Disk& Store::disk() const { return *state_->disk; }
void Store::report_to(base::Progress& progress) { state_->progress = &progress; }
bool Store::writable() const {
  return state_->access == Access::change && state_->staging &&
         faccessat(state_->staging.get(), ".", W_OK | X_OK, AT_EACCESS) == 0;
}

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
  CCCI_TRY(base::Fd fd, state_->hold());
  auto held = std::make_shared<const base::Fd>(std::move(fd));
  state_->held = held;
  return Hold(held);
}

base::Result<base::Fd> Store::exclude_builders() {
  const std::lock_guard guard(state_->hold_mutex);
  if (!state_->held.expired()) return base::unexpected(base::fail("store.busy"));
  return state_->lock("collection", base::LockMode::exclusive, "lock 'collection' of the store");
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
    if (!opened) return refuse(errno);
    // Only another cc-ci that looks for dead directories can have it, and only for a moment.
    CCCI_CHECK(base::take_lock(opened.get(), base::LockMode::exclusive,
                               {"staging directory of '" + address.label + "'", *progress}));
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
  CCCI_TRY(base::Fd lock, state_->lock(address.hash, base::LockMode::exclusive,
                                       "lock of object '" + address.label + "'", shared_work));
  // Check only under the lock: another process may have published the object while we waited for
  // it.
  if (has(address)) return std::optional<Staging>();
  CCCI_TRY(Staging staging, state_->new_staging(address, std::move(held), std::move(lock)));
  return std::optional<Staging>(std::move(staging));
}

base::Result<Staging> Store::scratch(std::string_view label) {
  return state_->new_staging(store::address(Kind::package, label, label), nullptr, {});
}

base::Result<std::vector<Address>> Store::list(Kind kind) const {
  std::vector<Address> found;
  const int directory = state_->kind_directory(kind);
  if (directory < 0) return found;  // no state yet
  CCCI_TRY(const std::vector<std::string> names, base::names_in(directory));
  for (const std::string& name : names) {
    auto address = read_directory(kind, name);
    if (!address) continue;
    struct stat status {};
    if (fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
      if (S_ISDIR(status.st_mode)) found.push_back(std::move(*address));
    } else if (errno != ENOENT) {
      return base::unexpected(
          base::at_path(base::fail("base.open").with_errno(errno), directory, name));
    }
  }
  return found;
}

base::Result<Address> Store::find(std::string_view prefix) const {
  constexpr std::size_t least = 4;  // shorter prefixes soon become ambiguous
  std::vector<Address> found;
  for (const Kind kind : all_kinds) {
    if (prefix.size() < least) break;
    CCCI_TRY(std::vector<Address> listed, list(kind));
    for (Address& address : listed) {
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
