// SPDX-License-Identifier: GPL-3.0-or-later
// The directory of fetched files (STATE/archives), each named by the SHA-256 of its content.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "source/package.hpp"

namespace ccci::source {

// "SHA256.deb", "SHA256.archive" for a pinned archive, "SHA256.whl", or "SHA256.tgz" of npm.
std::string kept_name(Origin origin, const std::string& sha256);
std::filesystem::path kept_path(const std::filesystem::path& kept, const Package& package);

struct Arrival {
  std::filesystem::path file;                   // its current path; a symbolic link is followed
  std::shared_ptr<const base::Fd> opened = {};  // if set, read from here; `file` is for messages
  std::string name;                             // for messages: "git 1:2.39.5-0+deb12u3"
  Origin origin = Origin::debian;
  std::string sha256;
  std::uint64_t size = 0;   // expected size in bytes; 0: not known
  std::uint64_t limit = 0;  // the largest number of bytes to read; 0: `size`
};

// Copies the file into `kept`. The copy gets its final name only after its size and digest are
// verified and it is synced; then the directory is synced too. [source.mismatch],
// [source.too-large], [store.no-space]
// Rejected: renaming the download. The sandboxed process that wrote it could still have it open, or
// own it. A kept file must belong to us only, and must contain exactly the bytes that were hashed.
base::Result<void> keep(const std::filesystem::path& kept, const Arrival& arrival,
                        base::Disk& disk = base::real_disk());

// Whether `kept` contains the file with the expected size (0: any size) and a content that matches
// the digest in its name. It reads the whole file, because a disk may have flipped a bit since the
// file was kept.
bool is_kept(const std::filesystem::path& kept, Origin origin, const std::string& sha256,
             std::uint64_t size);

// The error for files that `kept` lacks and that may not be fetched. One file is named with its
// path; of several, which a new machine lacks all at once, the number and a few names are told.
// `missing` must not be empty. [source.offline] [source.offline-files]
base::Error not_kept(const std::filesystem::path& kept, const std::vector<Package>& missing);

}  // namespace ccci::source
