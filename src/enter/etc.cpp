// SPDX-License-Identifier: GPL-3.0-or-later
// /etc: the environment's directory covers the host's. The host's /etc stays reachable at host_etc,
// where the environment's links to accounts, name resolution and the like point.
#include "denial.hpp"
#include "failure.hpp"
#include "kernel.hpp"
#include "place.hpp"

namespace ccci::enter {
namespace {

// Both are read-only: a job changes neither the environment nor the host's configuration. The clone
// is recursive because container engines mount single files such as /etc/resolv.conf. A kernel
// before 5.12 cannot make a detached tree read-only; there the host's /etc keeps its own flags.
void show_host(const EntrypointView& view, int etc) {
  const int tree = kernel::open_tree(etc, "", OPEN_TREE_CLONE | AT_RECURSIVE);
  if (tree < 0) fail_denied(Step::mount, tree, view.root, "/etc");
  mount_attr readonly = {MOUNT_ATTR_RDONLY, 0, 0, 0};
  const long set =
      kernel::call(SYS_mount_setattr, tree, kernel::word(""), AT_EMPTY_PATH | AT_RECURSIVE,
                   kernel::word(&readonly), sizeof readonly);
  if (set < 0 && set != -ENOSYS) fail_denied(Step::mount, set, view.root, "/etc");
  const int target = kernel::open_within(AT_FDCWD, host_etc, O_PATH | O_DIRECTORY,
                                         RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
  if (target < 0) fail(Failure::environment_incomplete, view.environment, host_etc, reason(target));
  const long moved = kernel::move_mount(tree, target);
  if (moved < 0) fail_denied(Step::mount, moved, view.root, "/etc");
  kernel::close(target);
  kernel::close(tree);
}

}  // namespace

void place_etc(const EntrypointView& view, int root) {
  const int etc = kernel::open(AT_FDCWD, "/etc", O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (etc < 0) fail(Failure::layout, "/etc", reason(etc));
  const int own =
      kernel::open_within(root, "etc", O_PATH | O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (own < 0) fail(Failure::environment_incomplete, view.environment, "etc", reason(own));
  show_host(view, etc);
  bind_readonly(view, own, etc, "/etc");
  kernel::close(own);
  kernel::close(etc);
}

}  // namespace ccci::enter
