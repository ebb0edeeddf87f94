// SPDX-License-Identifier: GPL-3.0-or-later
#include "mounts.hpp"

#include "kernel.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

// Nothing waits for these to become free; a tmpfs holds memory until the next entry at most.
constexpr const char* kernel_made[] = {
    "proc",     "sysfs",   "devtmpfs",   "devpts",    "tmpfs",       "ramfs",
    "cgroup",   "cgroup2", "mqueue",     "hugetlbfs", "debugfs",     "tracefs",
    "bpf",      "pstore",  "securityfs", "configfs",  "binfmt_misc", "fusectl",
    "efivarfs", "nsfs",    "rpc_pipefs", "selinuxfs", "autofs"};

char table[1U << 20U];

// The next word of a line whose words are blank-separated; ends it and moves on.
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
bool digest_line(char* line, Digest& digest) {
  const char* words[6] = {};
  for (const char*& word : words) word = take_word(line);
  const char* point = words[4];
  bool slave = false;
  for (char* word = take_word(line); *word != '\0' && !same(word, "-"); word = take_word(line)) {
    // Comes and goes by itself.
    if (starts_with(word, "shared:")) return true;
    slave = slave || starts_with(word, "master:");
  }
  if (is_below(point, kept_directory)) return true;  // our own
  for (const char* word : words) digest.add(word);
  const char* type = take_word(line);
  digest.add(type);
  // "/" stays mounted as long as its namespace; a slave is unmounted with its master.
  return slave || same(point, "/") || is_kernel_made(type);
}

}  // namespace

bool digest_mount_table(char* text, Digest& digest) {
  bool harmless = true;
  while (*text != '\0') {
    char* line = text;
    while (*text != '\0' && *text != '\n') ++text;
    if (*text != '\0') *text++ = '\0';
    harmless = digest_line(line, digest) && harmless;
  }
  return harmless;
}

bool digest_mounts(Digest& digest) {
  const int fd = kernel::open(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY);
  if (fd < 0) return false;
  std::size_t size = 0;
  long got = 0;
  while ((got = kernel::read(fd, table + size, sizeof table - 1 - size)) > 0) {
    size += static_cast<std::size_t>(got);
  }
  kernel::close(fd);
  table[size] = '\0';
  return got == 0 && size > 0 && size < sizeof table - 1 && digest_mount_table(table, digest);
}

}  // namespace ccci::enter
