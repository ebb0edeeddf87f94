// SPDX-License-Identifier: GPL-3.0-or-later
// The environment's directories in /var/lib, /var/cache and /opt. All other entries there are the
// host's.
#include "denial.hpp"
#include "directory_entry.hpp"
#include "failure.hpp"
#include "kernel.hpp"
#include "place.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

unsigned type_of(int fd) {
  struct statx about = {};
  return fd >= 0 && kernel::stat(fd, "", about) == 0 ? kernel::type(about) : 0U;
}

int open_own(const EntrypointView& view, int root, const char* place) {
  const int fd =
      kernel::open_within(root, place, O_PATH | O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (fd < 0) fail(Failure::environment_incomplete, view.environment, place, reason(fd));
  // O_PATH with O_NOFOLLOW opens a link itself.
  if (type_of(fd) == kernel::type_link) {
    fail(Failure::environment_incomplete, view.environment, place, reason(-ELOOP));
  }
  return fd;
}

// The parent of a place, with a leading '/': "/var/lib" for "var/lib/dpkg".
void parent_of(const char* place, PathLine& parent) {
  parent.clear();
  parent.add('/');
  const char* end = base_name(place) - 1;
  for (const char* at = place; at != end; ++at) parent.add(*at);
}

bool is_in(const char* place, const char* parent) {
  PathLine own;
  parent_of(place, own);
  return same(own.text(), parent);
}

int open_parent(const char* parent) {
  const int fd = kernel::open_within(AT_FDCWD, parent, O_PATH | O_DIRECTORY,
                                     RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
  if (fd < 0) fail(Failure::layout, parent, reason(fd));
  return fd;
}

// The host's entry, if the environment's can be mounted on it: a directory on a directory, a file
// on a file, never on a link.
int open_match(int parent, const char* name, unsigned type) {
  const int fd = kernel::open(parent, name, O_PATH | O_NOFOLLOW);
  if (fd >= 0 && type_of(fd) == type) return fd;
  if (fd >= 0) kernel::close(fd);
  return -1;
}

template <typename Visit>
void for_each_place(const EntrypointView& view, const char* parent, Visit visit) {
  for (std::size_t at = 0; at < view.count; ++at) {
    const Value& value = view.values[at];
    if (value.directive == Directive::place && is_in(value.text, parent)) visit(value.text);
  }
}

bool can_bind(const EntrypointView& view, int root, int host, const char* parent) {
  bool every = true;
  for_each_place(view, parent, [&](const char* place) {
    const int own = open_own(view, root, place);
    const int match = open_match(host, base_name(place), type_of(own));
    every = every && match >= 0;
    if (match >= 0) kernel::close(match);
    kernel::close(own);
  });
  return every;
}

void bind_all(const EntrypointView& view, int root, int parent_fd, const char* parent) {
  for_each_place(view, parent, [&](const char* place) {
    const int own = open_own(view, root, place);
    const int match = open_match(parent_fd, base_name(place), type_of(own));
    // can_bind found a match earlier, so the directory was changed since then.
    if (match < 0) fail(Failure::mount, place, "was changed during the entry");
    bind_readonly(view, own, match, place);
    kernel::close(match);
    kernel::close(own);
  });
}

bool is_place(const EntrypointView& view, const char* parent, const char* name) {
  bool found = false;
  for_each_place(view, parent,
                 [&](const char* place) { found = found || same(base_name(place), name); });
  return found;
}

// An empty directory or file to mount on.
int make_point(const EntrypointView& view, int to, const char* name, unsigned type) {
  long made = 0;
  if (type == kernel::type_directory) {
    made = kernel::mkdir(to, name, 0755);
  } else {
    made = kernel::open(to, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (made >= 0) kernel::close(static_cast<int>(made));
  }
  const int point = made < 0 ? -1 : kernel::open(to, name, O_PATH | O_NOFOLLOW);
  if (point < 0) fail_denied(Step::mount, made < 0 ? made : point, view.root, name);
  return point;
}

// The entry keeps its own mounts and stays as writable as it is.
void show_host_entry(const EntrypointView& view, int host, int to, const char* name) {
  static char link[4096];
  const long size = kernel::readlink(host, name, link, sizeof link - 1);
  if (size > 0) {
    link[size] = '\0';
    kernel::call(SYS_symlinkat, kernel::word(link), to, kernel::word(name));
    return;
  }
  const int tree =
      kernel::open_tree(host, name, OPEN_TREE_CLONE | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);
  if (tree < 0) return;  // removed by the host in this moment, or not this user's to see
  const int point = make_point(
      view, to, name,
      type_of(tree) == kernel::type_directory ? kernel::type_directory : kernel::type_file);
  const long moved = kernel::move_mount(tree, point);
  if (moved < 0) fail_denied(Step::mount, moved, view.root, name);
  kernel::close(point);
  kernel::close(tree);
}

void show_host_entries(const EntrypointView& view, int host, int to, const char* parent) {
  const int listing = kernel::open(host, ".", O_RDONLY | O_DIRECTORY);
  if (listing < 0) fail(Failure::mount, parent, reason(listing));
  const long size = for_each_entry(listing, [&](const char* name) {
    if (!is_place(view, parent, name)) show_host_entry(view, host, to, name);
  });
  if (size < 0) fail(Failure::mount, parent, reason(size));
  kernel::close(listing);
}

// The host lacks a mount point, and nothing may be created on the host. So a tmpfs covers the
// directory: it has the environment's entries and all of the host's. It becomes read-only at the
// end, because files that a job wrote there would be lost.
void compose(const EntrypointView& view, int root, int host, const char* parent) {
  long result = kernel::mount("cc-ci", parent, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=4m");
  if (result < 0) fail_denied(Step::mount, result, view.root, parent);
  const int to = kernel::open(AT_FDCWD, parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (to < 0) fail(Failure::mount, parent, reason(to));
  show_host_entries(view, host, to, parent);
  for_each_place(view, parent, [&](const char* place) {
    const int own = open_own(view, root, place);
    const int point = make_point(view, to, base_name(place), type_of(own));
    bind_readonly(view, own, point, place);
    kernel::close(point);
    kernel::close(own);
  });
  result = kernel::mount("none", parent, "none",
                         MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV);
  if (result < 0) fail_denied(Step::mount, result, view.root, parent);
  kernel::close(to);
}

}  // namespace

bool place_state(const EntrypointView& view, int root) {
  bool composed = false;
  PathLine done;
  for (std::size_t at = 0; at < view.count; ++at) {
    if (view.values[at].directive != Directive::place) continue;
    static PathLine parent;
    parent_of(view.values[at].text, parent);
    if (same(parent.text(), done.text())) continue;  // the entrypoint lists them sorted
    done = parent;
    const int host = open_parent(parent.text());
    if (can_bind(view, root, host, parent.text())) {
      bind_all(view, root, host, parent.text());
    } else {
      compose(view, root, host, parent.text());
      composed = true;
    }
    kernel::close(host);
  }
  return composed;
}

}  // namespace ccci::enter
