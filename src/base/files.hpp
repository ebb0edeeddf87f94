// SPDX-License-Identifier: GPL-3.0-or-later
// Access to files by descriptor. A path from outside is resolved only once, with openat2. If it
// were resolved twice, an attacker could change a link in between and so exchange the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::base {

// The calls that decide what survives a crash. Tests replace it to make them fail.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<void> sync(int fd);             // fsync: contents or directory entries
  virtual Result<void> sync_filesystem(int fd);  // syncfs: everything written so far
  // Both names relative to open directories. Fails where `to` exists [base.rename].
  virtual Result<void> rename_new(int from_dir, const std::string& from, int to_dir,
                                  const std::string& to);
  // Replaces `to` if it exists.
  virtual Result<void> rename_over(int from_dir, const std::string& from, int to_dir,
                                   const std::string& to);
};
Disk& real_disk();

// Opens a path below `directory`. No part of the path, link or magic link can leave `directory`
// (RESOLVE_IN_ROOT: `directory` is the root for absolute links). Always close-on-exec. [base.open]
Result<Fd> open_in_root(int directory, const std::string& path, int flags, unsigned mode = 0);

// Opens a regular file below `directory` for reading, without blocking. A link may lead to another
// file below `directory`, but not out of it. [base.open], [base.outside], [base.not-a-file]
Result<Fd> open_within(int directory, const std::string& path);
// Opens a directory below `directory` and makes the missing ones. Follows no link at all.
// [base.open], [base.mkdir]
Result<Fd> make_directories_within(int directory, const std::string& path);

// Opens a path that a person gave. [base.open]
Result<Fd> open_path(const std::filesystem::path& path, int flags, unsigned mode = 0);

// Makes the directory and its missing parents with mode 0755; ignores the umask. [base.mkdir]
Result<void> make_directories(const std::filesystem::path& path);

// Reads a whole regular file; never waits for the other end of a FIFO. [base.not-a-file],
// [base.too-large] if it has more than `limit` bytes, [base.open], [base.read]
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit);
// The same for open_within().
Result<std::string> read_within(int directory, const std::string& path, std::uint64_t limit);
Result<std::string> read_fd(int fd, std::uint64_t limit, std::string_view name);

Result<void> write_all(int fd, std::string_view data);  // [base.write]

// Replaces the content. After a crash the file has either the old or the new content: writes a
// temporary file in the same directory, fsync, rename, fsync of the directory. [base.write] and the
// errors above
Result<void> replace_file(const std::filesystem::path& path, std::string_view content,
                          unsigned mode = 0644, Disk& disk = real_disk());
Result<void> replace_file(int directory, const std::string& name, std::string_view content,
                          unsigned mode = 0644, Disk& disk = real_disk());

// Removes `name` in `directory` with everything below it. Never follows a link. Makes directories
// writable if it has to empty them. No error if `name` is absent. If something is mounted at `name`
// or below it, removes nothing: the mount holds other data. [base.mount], [base.remove]
Result<void> remove_tree(int directory, const std::string& name);
Result<void> remove_tree(const std::filesystem::path& path);
// [base.mount] if something is mounted there or below. Removes nothing.
Result<void> refuse_mounts(int directory, const std::string& name);
Result<void> refuse_mounts(const std::filesystem::path& path);

// The bytes that an ordinary user can still write to the file system of `fd`.
Result<std::uint64_t> free_bytes(int fd);

}  // namespace ccci::base
