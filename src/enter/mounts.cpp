// SPDX-License-Identifier: GPL-3.0-or-later
#include "mounts.hpp"

#include "entrypoint.hpp"
#include "kernel.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

// Nobody waits to unmount file systems of these types. A tmpfs holds its memory until the next
// entry at most.
constexpr const char* kernel_made[] = {
    "proc",     "sysfs",   "devtmpfs",   "devpts",    "tmpfs",       "ramfs",
    "cgroup",   "cgroup2", "mqueue",     "hugetlbfs", "debugfs",     "tracefs",
    "bpf",      "pstore",  "securityfs", "configfs",  "binfmt_misc", "fusectl",
    "efivarfs", "nsfs",    "rpc_pipefs", "selinuxfs", "autofs"};

char table[1U << 20U];

// Takes the next word of a line whose words are separated by blanks: terminates it and moves on.
char* take_word(char*& at) {
  char* word = at;
  while (*at != '\0' && *at != ' ') ++at;
  if (*at != '\0') *at++ = '\0';
  return word;
}

bool is_kernel_made(const char* type) {
  for (const char* known : kernel_made) {
    if (same(type, known)) return true;
  }
  return false;
}

// ID PARENT DEVICE ROOT POINT OPTIONS [OPTIONAL…] - TYPE SOURCE SUPER
struct MountLine {
  const char* words[6] = {};
  const char* shared = nullptr;  // the peer group in which it is, as text
  const char* master = nullptr;  // the peer group from which it gets mounts
  const char* type = nullptr;

  const char* point() const { return words[4]; }
};

MountLine read_line(char* line) {
  MountLine mount;
  for (const char*& word : mount.words) word = take_word(line);
  for (char* word = take_word(line); *word != '\0' && !same(word, "-"); word = take_word(line)) {
    if (starts_with(word, "shared:")) mount.shared = word + length("shared:");
    if (starts_with(word, "master:")) mount.master = word + length("master:");
  }
  mount.type = take_word(line);
  return mount;
}

// Equal for a shared mount and for its copy in a namespace that is a slave.
Digest propagated(const char* point, const char* group) {
  Digest digest;
  digest.add(point);
  digest.add(group);
  return digest;
}

bool digest_line(char* line, Digest& digest, MountSum& shared) {
  const MountLine mount = read_line(line);
  if (is_below(mount.point(), kept_directory)) return true;  // our own
  // A shared mount appears and disappears in the kept namespace by itself.
  if (mount.shared != nullptr) {
    shared += propagated(mount.point(), mount.shared).value();
    return true;
  }
  for (const char* word : mount.words) digest.add(word);
  digest.add(mount.type);
  // "/" stays mounted as long as its namespace exists. A slave is unmounted with its master.
  return mount.master != nullptr || same(mount.point(), "/") || is_kernel_made(mount.type);
}

// Whether the launcher itself mounted it, or it lies below what the launcher mounted.
bool is_of_environment(const char* point, const EntrypointView& view) {
  if (is_below(point, "/usr") || is_below(point, "/etc")) return true;
  for (std::size_t at = 0; at < view.count; ++at) {
    const Value& value = view.values[at];
    if (value.directive == Directive::place && is_below(point + 1, value.text)) return true;
  }
  return false;
}

MountSum sum_line(char* line, const EntrypointView& view) {
  const MountLine mount = read_line(line);
  if (is_below(mount.point(), kept_directory)) return 0;
  if (mount.shared == nullptr && mount.master != nullptr) {
    Digest digest = propagated(mount.point(), mount.master);
    if (!is_of_environment(mount.point(), view)) return digest.value();
    digest.add(mount.words[5]);  // read-only or not
    return digest.value();
  }
  Digest digest;
  for (const char* word : mount.words) digest.add(word);
  digest.add(mount.type);
  digest.add(mount.shared != nullptr ? mount.shared : "");
  return digest.value();
}

bool read_table() {
  const int fd = kernel::open(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY);
  if (fd < 0) return false;
  std::size_t size = 0;
  long got = 0;
  while ((got = kernel::read(fd, table + size, sizeof table - 1 - size)) > 0) {
    size += static_cast<std::size_t>(got);
  }
  kernel::close(fd);
  table[size] = '\0';
  return got == 0 && size > 0 && size < sizeof table - 1;
}

// Terminates the first line of `text` and moves on to the next one.
char* take_line(char*& text) {
  char* line = text;
  while (*text != '\0' && *text != '\n') ++text;
  if (*text != '\0') *text++ = '\0';
  return line;
}

}  // namespace

bool digest_mount_table(char* text, Digest& digest, MountSum& shared) {
  bool harmless = true;
  while (*text != '\0') harmless = digest_line(take_line(text), digest, shared) && harmless;
  return harmless;
}

MountSum sum_mount_table(char* text, const EntrypointView& view) {
  MountSum sum = 0;
  while (*text != '\0') sum += sum_line(take_line(text), view);
  return sum;
}

bool digest_mounts(Digest& digest, MountSum& shared) {
  return read_table() && digest_mount_table(table, digest, shared);
}

MountSum sum_own_mounts(const EntrypointView& view, MountSum shared) {
  return read_table() ? sum_mount_table(table, view) - shared : 0;
}

}  // namespace ccci::enter
