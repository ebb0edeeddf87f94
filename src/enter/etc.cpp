// SPDX-License-Identifier: GPL-3.0-or-later
// /etc: some entries come from the environment, the others stay the host's.
#include "denial.hpp"
#include "failure.hpp"
#include "kernel.hpp"
#include "place.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

constexpr const char* preload = "/etc/ld.so.preload";

struct Entry {  // of linux_dirent64
  std::uint64_t inode;
  std::int64_t offset;
  unsigned short size;
  unsigned char type;
  char name[1];
};

bool is_etc_of(const EntrypointView& view, const char* name) {
  for (std::size_t at = 0; at < view.count; ++at) {
    const Value& value = view.values[at];
    if (value.directive == Directive::etc && same(value.text, name)) return true;
  }
  return false;
}

int open_own(const EntrypointView& view, int root, const char* name) {
  PathLine path;
  path.add("etc/").add(name);
  const int fd = kernel::open_within(root, path.text(), O_PATH | O_NOFOLLOW,
                                     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (fd < 0 && fd != -ELOOP) {
    fail(Failure::environment_incomplete, view.environment, path.text(), reason(fd));
  }
  return fd;
}

unsigned type_of(int fd) {
  struct statx about = {};
  return fd >= 0 && kernel::stat(fd, "", about) == 0 ? kernel::type(about) : 0U;
}

// The host's entry with this name, if the environment's entry can be mounted on it: a directory on
// a directory, a file on a file, never on a link.
int open_match(int etc, const char* name, unsigned type) {
  const int fd = kernel::open(etc, name, O_PATH | O_NOFOLLOW);
  if (fd >= 0 && type_of(fd) == type &&
      (type == kernel::type_directory || type == kernel::type_file))
    return fd;
  if (fd >= 0) kernel::close(fd);
  return -1;
}

bool can_bind(const EntrypointView& view, int root, int etc) {
  for (std::size_t at = 0; at < view.count; ++at) {
    const Value& value = view.values[at];
    if (value.directive != Directive::etc) continue;
    const int own = open_own(view, root, value.text);
    const int match = own < 0 ? -1 : open_match(etc, value.text, type_of(own));
    if (own >= 0) kernel::close(own);
    if (match < 0) return false;
    kernel::close(match);
  }
  return true;
}

void bind_all(const EntrypointView& view, int root, int etc) {
  for (std::size_t at = 0; at < view.count; ++at) {
    const Value& value = view.values[at];
    if (value.directive != Directive::etc) continue;
    const int own = open_own(view, root, value.text);
    const int match = own < 0 ? -1 : open_match(etc, value.text, type_of(own));
    // can_bind found a match earlier, so /etc was changed since then.
    if (match < 0) fail(Failure::mount, value.text, "was changed during the entry");
    bind_readonly(view, own, match, value.text);
    kernel::close(own);
    kernel::close(match);
  }
}

// Without this, every program of the environment would load the host's preloaded library. /dev/null
// reads as an empty list.
void mask_preload(const EntrypointView& view, int etc) {
  const int target = kernel::open(etc, base_name(preload), O_PATH | O_NOFOLLOW);
  if (target < 0) return;
  const int nothing = kernel::open(AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW);
  if (type_of(nothing) != kernel::type_device)
    fail(Failure::mount, "/dev/null", "expected a device");
  if (type_of(target) == kernel::type_link) {
    fail(Failure::mount, preload, "expected a file, found a link: cc-ci cannot hide a link");
  }
  bind_readonly(view, nothing, target, preload);
  kernel::close(target);
  kernel::close(nothing);
}

void link_host_entry(const EntrypointView& view, int host, int to, const char* name) {
  if (same(name, ".") || same(name, "..") || same(name, base_name(preload))) return;
  if (is_etc_of(view, name)) return;
  // A link is copied with its text: a relative text like '../run/x' is correct only in /etc.
  PathLine text;
  static char link[4096];
  const long size = kernel::readlink(host, name, link, sizeof link - 1);
  link[size > 0 ? size : 0] = '\0';
  text.add('/').add(host_etc).add('/').add(name);
  const char* target = size > 0 ? link : text.text();
  const long made = kernel::call(SYS_symlinkat, kernel::word(target), to, kernel::word(name));
  if (made < 0) fail_denied(Step::mount, made, view.root, "composing /etc");
}

void link_host_entries(const EntrypointView& view, int to) {
  PathLine path;
  path.add('/').add(host_etc);
  const int host = kernel::open(AT_FDCWD, path.text(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (host < 0) fail(Failure::mount, path.text(), reason(host));
  alignas(Entry) static char entries[16384];
  long size = 0;
  while ((size = kernel::call(SYS_getdents64, host, kernel::word(entries), sizeof entries)) > 0) {
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const Entry*>(entries + at);
      link_host_entry(view, host, to, entry->name);
      at += entry->size;
    }
  }
  if (size < 0) fail(Failure::mount, path.text(), reason(size));
  kernel::close(host);
}

void place_own_entry(const EntrypointView& view, int root, int to, const char* name) {
  const int own = open_own(view, root, name);
  long made = 0;
  if (own < 0) {  // a link is copied with its text
    PathLine path;
    char link[4096] = {};
    path.add("etc/").add(name);
    made = kernel::readlink(root, path.text(), link, sizeof link - 1);
    if (made > 0) made = kernel::call(SYS_symlinkat, kernel::word(link), to, kernel::word(name));
    if (made < 0) fail_denied(Step::mount, made, view.root, name);
    return;
  }
  if (type_of(own) == kernel::type_directory) {
    made = kernel::mkdir(to, name, 0755);
  } else {
    made = kernel::open(to, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (made >= 0) kernel::close(static_cast<int>(made));
  }
  const int target = made < 0 ? -1 : kernel::open(to, name, O_PATH | O_NOFOLLOW);
  if (target < 0) fail_denied(Step::mount, made < 0 ? made : target, view.root, name);
  bind_readonly(view, own, target, name);
  kernel::close(own);
  kernel::close(target);
}

// Becomes read-only at the end: files that a job wrote there would be lost, or stay for the next
// job.
void compose(const EntrypointView& view, int root, int etc) {
  PathLine path;
  path.add('/').add(host_etc);
  const int host = kernel::open_tree(etc, "", OPEN_TREE_CLONE | AT_RECURSIVE);
  const int target = kernel::open(AT_FDCWD, path.text(), O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (target < 0) {
    fail(Failure::environment_incomplete, view.environment, host_etc, reason(target));
  }
  long result = host < 0 ? host : kernel::move_mount(host, target);
  if (result < 0) fail_denied(Step::mount, result, view.root, "composing /etc");
  result = kernel::mount("cc-ci-etc", "/etc", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                         "mode=755,size=1m");
  if (result < 0) fail_denied(Step::mount, result, view.root, "a tmpfs on /etc");
  const int to = kernel::open(AT_FDCWD, "/etc", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (to < 0) fail(Failure::mount, "/etc", reason(to));
  link_host_entries(view, to);
  for (std::size_t at = 0; at < view.count; ++at) {
    const Value& value = view.values[at];
    if (value.directive == Directive::etc) place_own_entry(view, root, to, value.text);
  }
  result = kernel::mount("none", "/etc", "none",
                         MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);
  if (result < 0) fail_denied(Step::mount, result, view.root, "making /etc read-only");
  kernel::close(to);
  kernel::close(host);
  kernel::close(target);
}

}  // namespace

bool place_etc(const EntrypointView& view, int root) {
  const int etc = kernel::open(AT_FDCWD, "/etc", O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (etc < 0) fail(Failure::layout, "/etc", reason(etc));
  const bool composed = !can_bind(view, root, etc);
  if (composed) {
    compose(view, root, etc);
  } else {
    bind_all(view, root, etc);
    mask_preload(view, etc);
  }
  kernel::close(etc);
  return composed;
}

}  // namespace ccci::enter
