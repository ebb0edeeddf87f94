// SPDX-License-Identifier: GPL-3.0-or-later
// Files by descriptor. Paths from outside are resolved once, with openat2, and never again: a path
// resolved twice is two different files for whoever swaps a link in between.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::base {

// The calls whose failure or loss decides what survives a crash. Tests put a fault in here.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<void> sync(int fd);             // fsync: contents or directory entries
  virtual Result<void> sync_filesystem(int fd);  // syncfs: everything written so far
  // Both names relative to open directories. Fails where `to` exists [base.rename].
  virtual Result<void> rename_new(int from_dir, const std::string& from, int to_dir,
                                  const std::string& to);
  // Replaces `to` where it exists.
  virtual Result<void> rename_over(int from_dir, const std::string& from, int to_dir,
                                   const std::string& to);
};
Disk& real_disk();

// Opens below `directory`; no component, link or magic link leads out of it (RESOLVE_IN_ROOT: an
// absolute link counts from `directory`). Always close-on-exec. [base.open]
Result<Fd> open_in_root(int directory, const std::string& path, int flags, unsigned mode = 0);

// Opens a path as a person gave it. [base.open]
Result<Fd> open_path(const std::filesystem::path& path, int flags, unsigned mode = 0);

// Makes the directory and its missing parents, mode 0755 whatever the umask. [base.mkdir]
Result<void> make_directories(const std::filesystem::path& path);

// The whole file; refuses more than `limit` bytes [base.too-large], [base.open], [base.read].
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit);
Result<std::string> read_fd(int fd, std::uint64_t limit, std::string_view name);

Result<void> write_all(int fd, std::string_view data);  // [base.write]

// Old content or new content, also after power loss: temporary beside it, fsync, rename, fsync of
// the directory. [base.write] and those above
Result<void> replace_file(const std::filesystem::path& path, std::string_view content,
                          unsigned mode = 0644, Disk& disk = real_disk());

// Removes `name` in `directory` with all below it, never following a link and never crossing into
// another mount; restores write permission on directories it must empty. Absent is good.
Result<void> remove_tree(int directory, const std::string& name);

// Bytes that a writer without privileges may still use on the file system of `fd`.
Result<std::uint64_t> free_bytes(int fd);

}  // namespace ccci::base
