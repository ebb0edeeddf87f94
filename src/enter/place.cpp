// SPDX-License-Identifier: GPL-3.0-or-later
#include "place.hpp"

#include "denial.hpp"
#include "failure.hpp"
#include "kernel.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

// The directories next to /usr on a host without merged /usr.
constexpr const char* beside_usr[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};

bool write_file(const char* path, const char* text, long& error) {
  const int fd = kernel::open(AT_FDCWD, path, O_WRONLY);
  if (fd < 0) {
    error = fd;
    return false;
  }
  error = kernel::write(fd, text, length(text));
  kernel::close(fd);
  return error >= 0;
}

// The caller keeps its identity: one user and one group, mapped to themselves. Supplementary groups
// still have their effect, but are shown as 65534.
void map_identity(const EntrypointView& view, std::uint64_t user, std::uint64_t group) {
  Line<64> users;
  Line<64> groups;
  users.decimal(user).add(' ').decimal(user).add(" 1\n");
  groups.decimal(group).add(' ').decimal(group).add(" 1\n");
  long error = 0;
  const bool mapped = write_file("/proc/self/setgroups", "deny", error) &&
                      write_file("/proc/self/uid_map", users.text(), error) &&
                      write_file("/proc/self/gid_map", groups.text(), error);
  // Without a mapping, the process does not see itself as root any more.
  if (!mapped && error == -EPERM && user == 0 && !is_filtered()) {
    fail(Failure::namespaces_root, "mapping the user into its namespace");
  }
  if (!mapped) fail_denied(Step::identity_map, error, view.root, "");
}

Privilege unshare(const EntrypointView& view) {
  const long result = kernel::unshare(CLONE_NEWNS);
  if (result == 0) return Privilege::root;
  if (result != -EPERM) fail_denied(Step::mount_namespace, result, view.root, "");
  const auto user = static_cast<std::uint64_t>(kernel::call(SYS_geteuid));
  const auto group = static_cast<std::uint64_t>(kernel::call(SYS_getegid));
  const long both = kernel::unshare(CLONE_NEWUSER | CLONE_NEWNS);
  if (both < 0) fail_denied(Step::user_namespace, both, view.root, "");
  map_identity(view, user, group);
  return Privilege::user;
}

// In a plain chroot '/' is not a mount, so its propagation cannot be set, and a mount below it
// could propagate to the host. So '/' is bound recursively, and this new mount becomes the root.
void become_mount_root() {
  const int root = kernel::open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
  const int tree = kernel::open_tree(root, "", OPEN_TREE_CLONE | AT_RECURSIVE);
  if (tree < 0) fail(Failure::chroot, reason(tree));
  mount_attr slave = {0, 0, MS_SLAVE, 0};
  long result = kernel::call(SYS_mount_setattr, tree, kernel::word(""),
                             AT_EMPTY_PATH | AT_RECURSIVE, kernel::word(&slave), sizeof slave);
  static char here[4096];
  const long known = kernel::call(SYS_getcwd, kernel::word(here), sizeof here);
  if (result == 0) result = known < 0 ? known : 0;
  if (result == 0) result = kernel::move_mount(tree, root);
  if (result == 0) result = kernel::fchdir(tree);
  if (result == 0) result = kernel::call(SYS_chroot, kernel::word("."));
  if (result == 0) result = kernel::mount("none", "/", "none", MS_REC | MS_SLAVE);
  if (result == 0) result = kernel::chdir(here);
  if (result < 0) fail(Failure::chroot, reason(result));
  kernel::close(root);
  kernel::close(tree);
}

void keep_mounts_inside(const EntrypointView& view) {
  const long result = kernel::mount("none", "/", "none", MS_REC | MS_SLAVE);
  if (result == -EINVAL) {
    become_mount_root();
  } else if (result < 0) {
    fail_denied(Step::mount, result, view.root, "making mounts private");
  }
}

[[noreturn]] void fail_absent(const EntrypointView& view, long error) {
  if (error == -EACCES || error == -EPERM) {
    fail(Failure::environment_unreadable, view.environment, view.root, reason(error));
  }
  fail(Failure::environment_missing, view.environment, view.root, reason(error));
}

// Checks the marker, which says to which environment a root belongs. It is read below the
// descriptor `at` without following links.
void check_marker(const EntrypointView& view, int at, const char* path) {
  const int marker = kernel::open_within(at, path, O_RDONLY | O_NONBLOCK, RESOLVE_NO_SYMLINKS);
  char text[80] = {};
  const long size = marker < 0 ? marker : kernel::read(marker, text, sizeof text - 1);
  if (marker >= 0) kernel::close(marker);
  if (size < 0) fail(Failure::environment_marker, view.root, view.environment, reason(size));
  if (size > 0 && text[size - 1] == '\n') text[size - 1] = '\0';
  if (!same(text, view.environment)) {
    fail(Failure::environment_marker, view.root, view.environment, text);
  }
}

// Follows links in the path to the root (a state directory may be one), but no magic links. Below
// the root it follows no links, so that a link planted there cannot redirect a mount.
int open_root(const EntrypointView& view) {
  const int root =
      kernel::open_within(AT_FDCWD, view.root, O_PATH | O_DIRECTORY, RESOLVE_NO_MAGICLINKS);
  if (root < 0) fail_absent(view, root);
  check_marker(view, root, marker_file);
  return root;
}

int open_below(const EntrypointView& view, int root, const char* path) {
  const int fd = kernel::open_within(root, path, O_PATH, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (fd < 0) fail(Failure::environment_incomplete, view.environment, path, reason(fd));
  return fd;
}

// With the host's own /bin and the others, host programs would run by their usual absolute path.
void place_beside_usr(const EntrypointView& view, int root) {
  for (const char* name : beside_usr) {
    Line<16> path;
    path.add('/').add(name);
    char leads_to[256] = {};
    const long size = kernel::readlink(AT_FDCWD, path.text(), leads_to, sizeof leads_to - 1);
    if (size == -ENOENT) continue;
    if (size > 0) {
      const char* relative = leads_to[0] == '/' ? leads_to + 1 : leads_to;
      if (!starts_with(relative, "usr/") || !same(relative + 4, name)) {
        fail(Failure::layout, path.text(), leads_to);
      }
      continue;
    }
    const int target = kernel::open(AT_FDCWD, path.text(), O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (target < 0) fail(Failure::layout, path.text(), reason(target));
    Line<32> own;
    own.add("usr/").add(name);
    int source = kernel::open_within(root, own.text(), O_PATH | O_DIRECTORY,
                                     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    if (source < 0) source = open_below(view, root, empty_directory);
    bind_readonly(view, source, target, path.text());
    kernel::close(source);
    kernel::close(target);
  }
}

// Linux before 5.12 has no mount_setattr. There a detached tree cannot be changed, but the mount
// can be changed when it is in place. Flags that an outer namespace locked must be repeated.
long set_readonly_in_place(int target_tree) {
  struct statfs about = {};
  long result = kernel::call(SYS_fstatfs, target_tree, kernel::word(&about));
  if (result < 0) return result;
  Line<64> path;
  path.add("/proc/self/fd/").decimal(static_cast<std::uint64_t>(target_tree));
  // The bits of ST_NOSUID, ST_NODEV, ST_NOEXEC, ST_NOATIME, ST_NODIRATIME are the same as in MS_*.
  const long kept = static_cast<long>(about.f_flags) & (2 | 4 | 8 | 1024 | 2048);
  const long relative = (static_cast<long>(about.f_flags) & 4096) != 0 ? MS_RELATIME : 0;
  return kernel::mount("none", path.text(), "none",
                       MS_REMOUNT | MS_BIND | MS_RDONLY | kept | relative);
}

}  // namespace

bool is_inside(const EntrypointView& view) {
  PathLine path;
  path.add(view.root).add("/usr");
  if (path.full()) fail_absent(view, -ENAMETOOLONG);
  struct statx own = {};
  struct statx current = {};
  const long result = kernel::stat(AT_FDCWD, path.text(), own, AT_SYMLINK_NOFOLLOW);
  if (result < 0) fail_absent(view, result);
  if (kernel::stat(AT_FDCWD, "/usr", current) < 0 || !kernel::is_same_file(own, current)) {
    return false;
  }
  // A root that is a link to the host's '/' must not be accepted as the environment.
  path.clear();
  check_marker(view, AT_FDCWD, path.add('/').add(marker_file).text());
  return true;
}

void bind_readonly(const EntrypointView& view, int source, int target, const char* name) {
  const int tree = kernel::open_tree(source, "", OPEN_TREE_CLONE);
  if (tree < 0) fail_denied(Step::mount, tree, view.root, name);
  mount_attr readonly = {MOUNT_ATTR_RDONLY, 0, 0, 0};
  const long set = kernel::call(SYS_mount_setattr, tree, kernel::word(""), AT_EMPTY_PATH,
                                kernel::word(&readonly), sizeof readonly);
  if (set < 0 && set != -ENOSYS) fail_denied(Step::mount, set, view.root, name);
  const long moved = kernel::move_mount(tree, target);
  if (moved < 0) fail_denied(Step::mount, moved, view.root, name);
  const long later = set == -ENOSYS ? set_readonly_in_place(tree) : 0;
  if (later < 0) fail_denied(Step::mount, later, view.root, name);
  kernel::close(tree);
}

Privilege probe_host() {
  static EntrypointView none;
  none.root = "ROOT";
  const Privilege privilege = unshare(none);
  keep_mounts_inside(none);
  const int usr = kernel::open(AT_FDCWD, "/usr", O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (usr < 0) fail(Failure::layout, "/usr", reason(usr));
  bind_readonly(none, usr, usr, "/usr");
  kernel::close(usr);
  return privilege;
}

Place make_place(const EntrypointView& view) {
  Place place;
  place.privilege = unshare(view);
  keep_mounts_inside(view);
  // From here on each path is resolved in the new namespace, and only once.
  const int root = open_root(view);
  const int usr = open_below(view, root, "usr");
  const int target = kernel::open(AT_FDCWD, "/usr", O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (target < 0) fail(Failure::layout, "/usr", reason(target));
  bind_readonly(view, usr, target, "/usr");
  place_beside_usr(view, root);
  place_etc(view, root);
  place.composed = place_state(view, root);
  kernel::close(usr);
  kernel::close(target);
  kernel::close(root);
  return place;
}

}  // namespace ccci::enter
