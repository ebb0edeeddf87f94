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
bool digest_line(char* line, Digest& digest) {
  const char* words[6] = {};
  for (const char*& word : words) word = take_word(line);
  const char* point = words[4];
  bool slave = false;
  for (char* word = take_word(line); *word != '\0' && !same(word, "-"); word = take_word(line)) {
    // A shared mount appears and disappears in the kept namespace by itself.
    if (starts_with(word, "shared:")) return true;
    slave = slave || starts_with(word, "master:");
  }
  if (is_below(point, kept_directory)) return true;  // our own
  for (const char* word : words) digest.add(word);
  const char* type = take_word(line);
  digest.add(type);
  // "/" stays mounted as long as its namespace exists. A slave is unmounted with its master.
  return slave || same(point, "/") || is_kernel_made(type);
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

bool has_mount_below(char* text, const char* directory, const char* except) {
  while (*text != '\0') {
    char* line = take_line(text);
    const char* point = nullptr;
    for (int word = 0; word < 5; ++word) point = take_word(line);
    if (!same(point, directory) && is_below(point, directory) && !is_below(point, except)) {
      return true;
    }
  }
  return false;
}

// Since Linux 6.8. The headers of Debian 12 are older.
constexpr long listmount = 458;
constexpr long unique_mount_id = 0x4000;  // STATX_MNT_ID_UNIQUE

struct ListRequest {
  std::uint32_t size;
  std::uint32_t spare;
  std::uint64_t mount;
  std::uint64_t after;
};

// Returns 0 if the kernel does not support unique mount ids.
std::uint64_t unique_id(const char* path) {
  struct statx about = {};
  const long result = kernel::call(SYS_statx, AT_FDCWD, kernel::word(path), 0, unique_mount_id,
                                   kernel::word(&about));
  return result == 0 && (about.stx_mask & unique_mount_id) != 0 ? about.stx_mnt_id : 0;
}

}  // namespace

bool digest_mount_table(char* text, Digest& digest) {
  bool harmless = true;
  while (*text != '\0') harmless = digest_line(take_line(text), digest) && harmless;
  return harmless;
}

bool digest_mounts(Digest& digest) { return read_table() && digest_mount_table(table, digest); }

bool is_usr_covered() {
  const std::uint64_t usr = unique_id("/usr");
  std::uint64_t found[2] = {};
  const ListRequest request = {sizeof request, 0, usr, 0};
  const long count =
      usr == 0U ? -ENOSYS
                : kernel::call(listmount, kernel::word(&request), kernel::word(found), 2, 0);
  // The host's /etc is mounted there, with the files that a container engine mounted in it.
  if (count == 0 || count == 1) return (count == 1 && found[0] != unique_id(host_etc));
  return !read_table() || has_mount_below(table, "/usr", host_etc);
}

}  // namespace ccci::enter
