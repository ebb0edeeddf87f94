// SPDX-License-Identifier: GPL-3.0-or-later
// Opens a state directory. Checks that nobody else can change what this process will use.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "base/text.hpp"
#include "store/state.hpp"

namespace ccci::store {

namespace fs = std::filesystem;

namespace {

constexpr mode_t open_to_all = 0755;
// Other users must not enter these: a user who can open a file can hold its lock.
constexpr mode_t own = 0700;

// Parts of the state that other rooms open by their paths.
constexpr std::array others{
    "apt",      "bisect",         "builds", "catalogues",         "engines",
    "evidence", "image-archives", "images", "programs",           "projects",
    "results",  "results.sqlite", "runs",   "snapshots.password", "sweeps",
    "witness"};

fs::path whole(const fs::path& state, std::string_view part) {
  return part.empty() ? state : state / part;
}

base::Error refused(std::string_view code, const fs::path& state, std::string_view part) {
  return base::fail(code)
      .with("path", state.native())
      .with("part", part.empty() ? "it" : "'" + std::string(part) + "'")
      .with("whole", whole(state, part).native());
}

base::Error unusable(const fs::path& state, std::string_view part, int number) {
  return base::fail("store.state-directory")
      .with("path", state.native())
      .with("part", whole(state, part).native())
      .with_errno(number);
}

// In a user namespace the owner of the host's directories is unknown. It appears as this user.
bool is_unmapped(uid_t user) {
  const auto text = base::read_file("/proc/sys/kernel/overflowuid", 64);
  const std::string_view digits = text ? base::trim(*text) : std::string_view();
  uid_t overflow = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), overflow);
  if (overflow == 0 || user != overflow) return false;
  const auto map = base::read_file("/proc/self/uid_map", 4096);
  return map && map->find("4294967295") == std::string::npos;
}

// Root executes programs of the store. So nobody but root may be able to change it.
base::Result<void> check_owner(const fs::path& state, std::string_view part,
                               const struct stat& status) {
  if (geteuid() != 0) return {};
  if (status.st_uid != 0) {
    return base::unexpected(refused("store.state-owner", state, part).with("owner", status.st_uid));
  }
  if ((status.st_mode & 0022U) != 0)
    return base::unexpected(refused("store.state-mode", state, part));
  return {};
}

// A user who owns a directory above the state can put another state there.
base::Result<void> check_above(const fs::path& state) {
  if (geteuid() != 0) return {};
  std::error_code error;
  const fs::path real = fs::weakly_canonical(state, error);
  for (const fs::path& path : {state, real}) {
    for (fs::path above = path; above.has_relative_path();) {
      above = above.parent_path();
      struct stat status {};
      if (lstat(above.c_str(), &status) != 0) continue;
      const bool foreign = status.st_uid != 0 && !is_unmapped(status.st_uid);
      const bool writable = S_ISDIR(status.st_mode) && (status.st_mode & 0002U) != 0 &&
                            (status.st_mode & S_ISVTX) == 0;
      if (!foreign && !writable) continue;
      return base::unexpected(base::fail("store.state-above")
                                  .with("path", state.native())
                                  .with("above", above.native())
                                  .with("owner", status.st_uid));
    }
  }
  return {};
}

// One open state directory.
class Place {
 public:
  Place(fs::path state, Access access) : state_(std::move(state)), access_(access) {}

  base::Result<bool> open_top() {
    if (access_ == Access::change) {
      if (auto made = base::make_directories(state_); !made) {
        return base::unexpected(base::fail("store.state-directory")
                                    .with("path", state_.native())
                                    .with("part", made.error().field("path"))
                                    .with("cause", made.error().field("cause")));
      }
    }
    auto opened = base::open_path(state_, O_RDONLY | O_DIRECTORY);
    if (!opened && absent(opened.error().number)) return false;
    if (!opened) return base::unexpected(unusable(state_, "", opened.error().number));
    CCCI_CHECK(check_above(state_));
    CCCI_CHECK(checked(opened->get(), ""));
    top = std::move(*opened);
    return true;
  }

  // Empty if it is absent and this Store only looks, or if another user owns it and closed it.
  base::Result<base::Fd> part(const std::string& name, mode_t mode) {
    bool made = false;
    if (access_ == Access::change) {
      made = mkdirat(top.get(), name.c_str(), mode) == 0;
      if (!made && errno != EEXIST) return base::unexpected(unusable(state_, name, errno));
    }
    base::Fd opened(
        openat(top.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    const int number = errno;
    struct stat status {};
    if (!opened && fstatat(top.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(status.st_mode)) {
      return base::unexpected(refused("store.state-link", state_, name));
    }
    if (!opened && absent(number)) return base::Fd();
    if (!opened && number == EACCES && mode == own) return base::Fd();
    if (!opened) return base::unexpected(unusable(state_, name, number));
    CCCI_TRY(const struct stat there, checked(opened.get(), name));
    // mkdir applies the umask. An older cc-ci let other users enter.
    const bool tighten = mode == own && there.st_uid == geteuid() && (there.st_mode & 0077U) != 0;
    if (access_ == Access::change && (made || tighten) && fchmod(opened.get(), mode) != 0) {
      return base::unexpected(unusable(state_, name, errno));
    }
    return opened;
  }

  // Checks a part that is opened elsewhere.
  base::Result<void> check(const char* name) const {
    struct stat status {};
    if (fstatat(top.get(), name, &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
    if (S_ISLNK(status.st_mode)) return base::unexpected(refused("store.state-link", state_, name));
    return check_owner(state_, name, status);
  }

  base::Fd top;

 private:
  bool absent(int number) const { return access_ == Access::look && number == ENOENT; }

  base::Result<struct stat> checked(int fd, std::string_view part) const {
    struct stat status {};
    if (fstat(fd, &status) != 0) return base::unexpected(unusable(state_, part, errno));
    CCCI_CHECK(check_owner(state_, part, status));
    return status;
  }

  fs::path state_;
  Access access_;
};

fs::path normal(const fs::path& state) {
  fs::path path = fs::absolute(state).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

// The first line of an entrypoint names a program in the store, and no '#!' line can name a blank.
bool has_blanks(const fs::path& path) {
  const std::string& text = path.native();
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20U || byte == 0x7fU;
  });
}

}  // namespace

base::Result<std::unique_ptr<Store::State>> Store::State::open(const fs::path& state, Access access,
                                                               base::Disk& disk) {
  auto made = std::make_unique<State>();
  made->path = normal(state);
  if (access == Access::change && has_blanks(made->path)) {
    return base::unexpected(base::fail("store.state-blank").with("path", made->path.native()));
  }
  made->disk = &disk;
  made->access = access;
  Place place(made->path, access);
  CCCI_TRY(const bool there, place.open_top());
  if (!there) return made;
  struct stat status {};
  const bool fresh = fstatat(place.top.get(), "locks", &status, AT_SYMLINK_NOFOLLOW) != 0;
  CCCI_CHECK(place.part("store", open_to_all));
  for (const Kind kind : all_kinds) {
    CCCI_TRY(made->kinds[static_cast<std::size_t>(kind)],
             place.part("store/" + std::string(kind_name(kind)), open_to_all));
  }
  for (const char* name : {"archives", "roots"}) CCCI_CHECK(place.part(name, open_to_all));
  CCCI_TRY(made->staging, place.part("staging", own));
  CCCI_TRY(made->locks, place.part("locks", own));
  for (const char* name : others) CCCI_CHECK(place.check(name));
  made->directory = std::move(place.top);
  if (access == Access::look) return made;
  // The directories of a new store must be durable before an object is published in them.
  if (fresh) {
    if (auto synced = disk.sync_filesystem(made->directory.get()); !synced) {
      return base::unexpected(unusable(made->path, "", synced.error().number));
    }
  }
  clear_dead(made->staging.get(), made->locks.get());
  return made;
}

base::Result<Store> Store::open(const fs::path& state, base::Disk& disk) {
  CCCI_TRY(auto opened, State::open(state, Access::change, disk));
  return Store(std::move(opened));
}

base::Result<Store> Store::look(const fs::path& state) {
  CCCI_TRY(auto opened, State::open(state, Access::look, base::real_disk()));
  return Store(std::move(opened));
}

}  // namespace ccci::store
