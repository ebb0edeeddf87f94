// SPDX-License-Identifier: GPL-3.0-or-later
#include "cache.hpp"

#include "directory_entry.hpp"
#include "failure.hpp"
#include "kernel.hpp"
#include "mounts.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

constexpr const char* own_namespace = "/proc/self/ns/mnt";
constexpr const char* lock_file = "/run/cc-ci/ns.lock";
constexpr std::int64_t forgotten_after = 24L * 3600;  // seconds; for bare files of other namespaces

using Name = Line<128>;

// Where the process was, so that it can go back: setns changes root and working directory to the
// root of the joined namespace.
struct Stand {
  int mounts = -1;
  int directory = -1;
  struct statx root = {};
  std::uint64_t inode = 0;
  struct statx etc = {};
  MountSum shared = 0;  // of the caller's mounts
};

bool note_stand(Stand& stand) {
  struct statx about = {};
  stand.mounts = kernel::open(AT_FDCWD, own_namespace, O_RDONLY);
  if (stand.mounts < 0 || kernel::stat(stand.mounts, "", about) < 0) return false;
  stand.inode = about.stx_ino;
  // Not ".": /proc/self/cwd needs no search permission on the directory.
  stand.directory = kernel::open(AT_FDCWD, "/proc/self/cwd", O_PATH | O_DIRECTORY);
  return stand.directory >= 0 && kernel::stat(AT_FDCWD, "/", stand.root) == 0;
}

void leave(Stand& stand) {
  if (stand.mounts >= 0) kernel::close(stand.mounts);
  if (stand.directory >= 0) kernel::close(stand.directory);
  stand.mounts = stand.directory = -1;
}

void go_back(const Stand& stand) {
  long result = kernel::setns(stand.mounts);
  if (result == 0) result = kernel::fchdir(stand.directory);
  if (result < 0) fail(Failure::mount, "going back to the caller's mounts", reason(result));
}

void add_file(Digest& digest, const struct statx& about) {
  digest.add(about.stx_ino);
  digest.add((std::uint64_t{about.stx_dev_major} << 32U) | about.stx_dev_minor);
}

// The host may add an entry to the directory, or the missing mount point.
void add_place(Digest& digest, const char* place) {
  digest.add(place);
  PathLine parent;
  parent.add('/');
  for (const char* at = place; at != base_name(place) - 1; ++at) parent.add(*at);
  struct statx about = {};
  if (kernel::stat(AT_FDCWD, parent.text(), about) < 0) return;
  add_file(digest, about);
  digest.add(static_cast<std::uint64_t>(about.stx_mtime.tv_sec));
  digest.add(about.stx_mtime.tv_nsec);
}

bool describe(const EntrypointView& view, Stand& stand, const struct statx& usr, Name& name) {
  Digest digest;
  digest.add(view.root);
  add_file(digest, usr);
  add_file(digest, stand.root);
  digest.add(stand.root.stx_mnt_id);
  if (kernel::stat(AT_FDCWD, "/etc", stand.etc) < 0) return false;
  add_file(digest, stand.etc);
  digest.add(host_has_machine_id() ? 1 : 0);
  for (std::size_t at = 0; at < view.count; ++at) {
    if (view.values[at].directive == Directive::place) add_place(digest, view.values[at].text);
  }
  if (!digest_mounts(digest, stand.shared)) return false;
  name.add(view.environment).add('-').hex(stand.inode, 8).add('-').hex(digest.value(), 16);
  return !name.full();
}

bool stat_usr(const EntrypointView& view, struct statx& usr) {
  PathLine path;
  path.add(view.root).add("/usr");
  return kernel::stat(AT_FDCWD, path.text(), usr) == 0;
}

bool is_mounted(const EntrypointView& view, const char* place) {
  PathLine path;
  PathLine own;
  path.add('/').add(place);
  own.add(view.root).add('/').add(place);
  struct statx now = {};
  struct statx wanted = {};
  return kernel::stat(AT_FDCWD, path.text(), now, AT_SYMLINK_NOFOLLOW) == 0 &&
         kernel::stat(AT_FDCWD, own.text(), wanted, AT_SYMLINK_NOFOLLOW) == 0 &&
         kernel::is_same_file(now, wanted);
}

// A namespace's sum of mounts is the target of the link .NAME beside it.
using Record = Line<17>;

Record record_of(const EntrypointView& view, const Stand& stand) {
  Record record;
  record.hex(sum_own_mounts(view, stand.shared), 16);
  return record;
}

void add_record_path(PathLine& path, const char* name) {
  path.add(kept_directory).add("/.").add(name);
}

bool is_recorded(const Record& record, const char* wanted, long size) {
  if (size != 16) return false;
  for (long at = 0; at < size; ++at) {
    if (record.text()[at] != wanted[at]) return false;
  }
  return true;
}

// A root command inside may have mounted, unmounted or remounted something.
bool is_intact(const EntrypointView& view, const Stand& stand, const struct statx& usr) {
  struct statx now = {};
  if (kernel::stat(AT_FDCWD, "/usr", now) < 0 || !kernel::is_same_file(now, usr)) return false;
  if (kernel::stat(AT_FDCWD, host_etc, now) < 0 || !kernel::is_same_file(now, stand.etc)) {
    return false;
  }
  if (!is_mounted(view, "etc")) return false;
  for (std::size_t at = 0; at < view.count; ++at) {
    const Value& value = view.values[at];
    if (value.directive == Directive::place && !is_mounted(view, value.text)) return false;
  }
  return true;
}

enum class Join : unsigned char { joined, absent, broken, elsewhere };

Join join(const EntrypointView& view, const Workdir& workdir, const Stand& stand,
          const struct statx& usr, const Name& name) {
  PathLine path;
  path.add(kept_directory).add('/').add(name.text());
  const int fd = kernel::open(AT_FDCWD, path.text(), O_RDONLY | O_NOFOLLOW);
  if (fd < 0) return Join::absent;
  PathLine link;
  add_record_path(link, name.text());
  char recorded[32] = {};
  const long size = kernel::readlink(AT_FDCWD, link.text(), recorded, sizeof recorded);
  const long result = kernel::setns(fd);  // EINVAL for the bare file, if nothing is mounted on it
  kernel::close(fd);
  if (result < 0) return Join::absent;
  // Only a process inside can see whether the mounts are intact, so this check follows setns. If it
  // fails, the process goes back and the caller replaces this namespace.
  const bool intact =
      is_intact(view, stand, usr) && is_recorded(record_of(view, stand), recorded, size);
  if (intact && workdir.restore()) return Join::joined;
  go_back(stand);
  return intact ? Join::elsewhere : Join::broken;
}

void drop(int directory, const char* name) {
  PathLine path;
  path.add(kept_directory).add('/').add(name);
  constexpr long detach_no_follow = 2 | 8;  // MNT_DETACH, UMOUNT_NOFOLLOW
  while (kernel::call(SYS_umount2, kernel::word(path.text()), detach_no_follow) == 0) {
  }
  // If the file is still a mount point in another namespace, unlink removes that mount too.
  kernel::unlink(directory, name);
  Name record;
  record.add('.').add(name);
  if (!record.full()) kernel::unlink(directory, record.text());
}

// Calls visit(name) for every entry of the directory.
template <typename Visit>
void for_each_kept(int directory, Visit visit) {
  const int listing = kernel::open(directory, ".", O_RDONLY | O_DIRECTORY);
  if (listing < 0) return;
  for_each_entry(listing, [&](const char* name) {
    if (name[0] != '.') visit(name);
  });
  kernel::close(listing);
}

bool is_mount_root(int directory) {
  struct statx about = {};
  return kernel::stat(directory, "", about) == 0 &&
         (about.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0U;
}

// Opens /run/cc-ci/ns. It must belong to root alone and be a private mount: on a shared mount the
// kernel refuses to mount namespaces.
int open_directory() {
  kernel::mkdir(AT_FDCWD, "/run/cc-ci", 0755);
  kernel::mkdir(AT_FDCWD, kept_directory, 0700);
  constexpr std::uint64_t no_links = RESOLVE_NO_SYMLINKS;
  int directory = kernel::open_within(AT_FDCWD, kept_directory, O_PATH | O_DIRECTORY, no_links);
  struct statx about = {};
  if (directory < 0 || kernel::stat(directory, "", about) < 0) return -1;
  if (about.stx_uid != 0U || (about.stx_mode & 0077U) != 0U) return -1;
  if (!is_mount_root(directory)) {
    const int tree = kernel::open_tree(directory, "", OPEN_TREE_CLONE);
    if (tree < 0 || kernel::move_mount(tree, directory) < 0) return -1;
    kernel::close(tree);
    kernel::close(directory);
    directory = kernel::open_within(AT_FDCWD, kept_directory, O_PATH | O_DIRECTORY, no_links);
    if (directory < 0) return -1;
  }
  return kernel::mount("none", kept_directory, "none", MS_PRIVATE) == 0 ? directory : -1;
}

int lock_directory() {
  const int lock = kernel::open(AT_FDCWD, lock_file, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  if (lock < 0) return -1;
  constexpr long exclusive_now = 2 | 4;  // LOCK_EX, LOCK_NB: makes its own place if locked
  if (kernel::call(SYS_flock, lock, exclusive_now) == 0) return lock;
  kernel::close(lock);
  return -1;
}

// Whether the caller is in a chroot: joining a namespace would let it escape. setns to the caller's
// own namespace moves the process to the real root of that namespace. If this is another "/", the
// caller was in a chroot, and the process goes back into it.
bool is_chroot(const Stand& stand) {
  const int root = kernel::open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
  if (root < 0 || kernel::setns(stand.mounts) < 0) return true;
  struct statx now = {};
  const bool stays = kernel::stat(AT_FDCWD, "/", now) == 0 &&
                     kernel::is_same_file(now, stand.root) &&
                     now.stx_mnt_id == stand.root.stx_mnt_id;
  long result = 0;
  if (!stays) {
    result = kernel::fchdir(root);
    if (result == 0) result = kernel::call(SYS_chroot, kernel::word("."));
  }
  if (result == 0) result = kernel::fchdir(stand.directory);
  if (result < 0) fail(Failure::mount, "going back to the caller's root", reason(result));
  kernel::close(root);
  return !stays;
}

bool is_stale(const Stand& stand, const char* other, const Name& name) {
  // A namespace made from this one is stale if it is another state of the same environment, or if
  // its environment no longer exists.
  Line<16> parent;
  parent.add('-').hex(stand.inode, 8).add('-');
  const char* at = other;
  while (*at != '\0' && !starts_with(at, parent.text())) ++at;
  PathLine path;
  path.add(kept_directory).add('/').add(other);
  if (*at == '\0') {
    struct statx about = {};
    long now[2] = {};
    kernel::call(SYS_clock_gettime, 0, kernel::word(now));
    return kernel::stat(AT_FDCWD, path.text(), about) == 0 &&
           kernel::type(about) == kernel::type_file &&
           about.stx_mtime.tv_sec + forgotten_after < now[0];
  }
  const std::size_t hash = static_cast<std::size_t>(at - other);
  bool same_environment = true;
  for (std::size_t i = 0; i <= hash; ++i) {
    same_environment = same_environment && other[i] == name.text()[i];
  }
  if (same_environment) return !same(other, name.text());
  const int fd = kernel::open(AT_FDCWD, path.text(), O_RDONLY | O_NOFOLLOW);
  if (fd < 0) return false;
  bool gone = true;
  if (kernel::setns(fd) == 0) {
    struct statx marker = {};
    PathLine inside;
    inside.add('/').add(marker_file);
    gone = kernel::stat(AT_FDCWD, inside.text(), marker) < 0;
    go_back(stand);
  }
  kernel::close(fd);
  return gone;
}

bool hold(int made, int directory, const Name& name, const Record& record) {
  PathLine link;
  add_record_path(link, name.text());
  if (kernel::call(SYS_symlinkat, kernel::word(record.text()), AT_FDCWD,
                   kernel::word(link.text())) != 0) {
    return false;
  }
  const int file =
      kernel::open(directory, name.text(), O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (file < 0) return false;
  const int tree = kernel::open_tree(made, "", OPEN_TREE_CLONE);
  const bool held = tree >= 0 && kernel::move_mount(tree, file) == 0;
  if (tree >= 0) kernel::close(tree);
  kernel::close(file);
  return held;
}

enum class Made : unsigned char { held, alone, no };

// `held`: the namespace is kept and can be joined; the process is in its old namespace. `alone`:
// the namespace was made but could not be kept, and the process is in it. Linux 6.18 numbers
// namespaces per processor and refuses some of these mounts as loops. `no`: the process is in its
// old namespace.
// The order is important. Stale namespaces are dropped only under the lock, so that two commands
// never make or drop the same name. make_place moves this process into the new namespace, but the
// kernel allows the bind mount only in the older one; so the process goes back before hold().
// hold() is the last step, so a namespace is joined only if it is complete.
Made make(const EntrypointView& view, const Workdir& workdir, const Stand& stand,
          const Name& name) {
  if (is_chroot(stand)) return Made::no;
  const int directory = open_directory();
  const int lock = directory < 0 ? -1 : lock_directory();
  if (lock < 0) {
    if (directory >= 0) kernel::close(directory);
    return Made::no;
  }
  for_each_kept(directory, [&](const char* other) {
    if (is_stale(stand, other, name)) drop(directory, other);
  });
  drop(directory, name.text());  // it is broken or a bare file
  make_place(view);
  const int made = kernel::open(AT_FDCWD, own_namespace, O_RDONLY);
  const Record record = record_of(view, stand);
  go_back(stand);
  Made result = made >= 0 && hold(made, directory, name, record) ? Made::held : Made::no;
  if (result == Made::no) drop(directory, name.text());
  if (result == Made::no && made >= 0 && kernel::setns(made) == 0) {
    result = Made::alone;
    if (!workdir.restore()) {
      go_back(stand);
      result = Made::no;
    }
  }
  if (made >= 0) kernel::close(made);
  kernel::close(lock);
  kernel::close(directory);
  return result;
}

// Another command holds the lock while it makes a namespace, which takes milliseconds.
long wait_for_lock(int lock) {
  constexpr long exclusive_now = 2 | 4;  // LOCK_EX, LOCK_NB
  constexpr int attempts = 500;
  const long pause[2] = {0, 20'000'000};  // 10 s in all
  long locked = -EAGAIN;
  for (int attempt = 0; attempt < attempts && locked == -EAGAIN; ++attempt) {
    locked = kernel::call(SYS_flock, lock, exclusive_now);
    if (locked == -EAGAIN) kernel::call(SYS_nanosleep, kernel::word(pause), 0);
  }
  return locked;
}

}  // namespace

Kept enter_kept(const EntrypointView& view, const Workdir& workdir) {
  if (kernel::call(SYS_geteuid) != 0) return Kept::no;
  Stand stand;
  Name name;
  struct statx usr = {};
  Kept kept = Kept::no;
  if (note_stand(stand) && stat_usr(view, usr) && describe(view, stand, usr, name)) {
    Join result = join(view, workdir, stand, usr, name);
    if (result == Join::absent || result == Join::broken) {
      const Made made = make(view, workdir, stand, name);
      if (made == Made::held) result = join(view, workdir, stand, usr, name);
      if (made == Made::alone) kept = Kept::alone;
    }
    if (result == Join::joined) kept = Kept::joined;
  }
  leave(stand);
  return kept;
}

void release_kept(const char* hash) {
  const int directory =
      kernel::open_within(AT_FDCWD, kept_directory, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
  if (directory == -ENOENT) return;
  if (directory < 0) fail(Failure::release, kept_directory, reason(directory));
  const int lock = kernel::open(AT_FDCWD, lock_file, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  const long locked = lock < 0 ? lock : wait_for_lock(lock);
  if (locked < 0) fail(Failure::release, lock_file, reason(locked));
  for_each_kept(directory, [&](const char* name) {
    const bool wanted = hash == nullptr || (starts_with(name, hash) && name[length(hash)] == '-');
    if (wanted) drop(directory, name);
  });
  kernel::close(lock);
  kernel::close(directory);
}

}  // namespace ccci::enter
