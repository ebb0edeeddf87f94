// SPDX-License-Identifier: GPL-3.0-or-later
// /etc: the environment's directory covers the host's. The host's /etc stays reachable at host_etc,
// where the environment's links to accounts, name resolution and the like point. A host that
// systemd never booted has no machine id, and D-Bus needs one.
#include "denial.hpp"
#include "failure.hpp"
#include "kernel.hpp"
#include "place.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

// 32 hex digits and a newline, see machine-id(5). systemd writes "uninitialized" into images.
constexpr std::size_t machine_id_size = 33;

// Both are read-only: a job changes neither the environment nor the host's configuration. The clone
// is recursive because container engines mount single files such as /etc/resolv.conf. A kernel
// before 5.12 cannot make a detached tree read-only; there the host's /etc keeps its own flags.
int clone_host(const EntrypointView& view, int etc) {
  const int tree = kernel::open_tree(etc, "", OPEN_TREE_CLONE | AT_RECURSIVE);
  if (tree < 0) fail_denied(Step::mount, tree, view.root, "/etc");
  mount_attr readonly = {MOUNT_ATTR_RDONLY, 0, 0, 0};
  const long set =
      kernel::call(SYS_mount_setattr, tree, kernel::word(""), AT_EMPTY_PATH | AT_RECURSIVE,
                   kernel::word(&readonly), sizeof readonly);
  if (set < 0 && set != -ENOSYS) fail_denied(Step::mount, set, view.root, "/etc");
  return tree;
}

void show_host(const EntrypointView& view, int tree) {
  const int target = kernel::open_within(AT_FDCWD, host_etc, O_PATH | O_DIRECTORY,
                                         RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
  if (target < 0) fail(Failure::environment_incomplete, view.environment, host_etc, reason(target));
  const long moved = kernel::move_mount(tree, target);
  if (moved < 0) fail_denied(Step::mount, moved, view.root, "/etc");
  kernel::close(target);
  kernel::close(tree);
}

// The id of the host's boot, which is as long and as unique. It is the same for all jobs until the
// host boots again. Without /proc there is none, and D-Bus says what it lacks.
bool read_boot_id(Line<40>& id) {
  const int file = kernel::open(AT_FDCWD, "/proc/sys/kernel/random/boot_id", O_RDONLY);
  if (file < 0) return false;
  char text[40] = {};
  const long size = kernel::read(file, text, sizeof text - 1);
  kernel::close(file);
  for (long at = 0; at < size && text[at] != '\n'; ++at) {
    if (text[at] != '-') id.add(text[at]);
  }
  id.add('\n');
  return id.size() == machine_id_size;
}

// Nothing here ends the process: most jobs do not need the id.
void make_machine_id() {
  Line<40> id;
  if (!read_boot_id(id)) return;
  constexpr long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (kernel::mount("machine-id", id_directory, "tmpfs", safe, "size=4k,mode=755") < 0) return;
  Line<40> path;
  path.add(id_directory).add("/machine-id");
  const int file =
      kernel::open(AT_FDCWD, path.text(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0444);
  if (file >= 0) {
    kernel::write(file, id.text(), id.size());
    kernel::close(file);
  }
  kernel::mount("none", id_directory, "none", MS_REMOUNT | MS_RDONLY | safe);
}

}  // namespace

bool host_has_machine_id() {
  struct statx about = {};
  return kernel::stat(AT_FDCWD, "/etc/machine-id", about) == 0 &&
         about.stx_size >= machine_id_size - 1;
}

void place_etc(const EntrypointView& view, int root) {
  const int etc = kernel::open(AT_FDCWD, "/etc", O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (etc < 0) fail(Failure::layout, "/etc", reason(etc));
  const int own =
      kernel::open_within(root, "etc", O_PATH | O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (own < 0) fail(Failure::environment_incomplete, view.environment, "etc", reason(own));
  const bool has_id = host_has_machine_id();
  const int host = clone_host(view, etc);
  bind_readonly(view, own, etc, "/etc");
  show_host(view, host);
  if (!has_id) make_machine_id();
  kernel::close(own);
  kernel::close(etc);
}

}  // namespace ccci::enter
