// SPDX-License-Identifier: GPL-3.0-or-later
// The directory of fetched files (STATE/archives), each named by the SHA-256 of its content.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/files.hpp"
#include "base/result.hpp"
#include "source/package.hpp"

namespace ccci::source {

// "SHA256.deb", or of a pinned archive "SHA256.archive".
std::string kept_name(Origin origin, const std::string& sha256);
std::filesystem::path kept_path(const std::filesystem::path& kept, const Package& package);

struct Arrival {
  std::filesystem::path file;  // where it lies now; a link is followed
  std::string name;            // for messages: "git 1:2.39.5-0+deb12u3"
  Origin origin = Origin::debian;
  std::string sha256;
  std::uint64_t size = 0;   // expected; 0: not known
  std::uint64_t limit = 0;  // at most so many bytes are read; 0: `size`
};

// Copies the file into `kept` and gives it its name there once the copy has the expected size and
// digest, is synced, and the directory too. [source.mismatch], [source.too-large], [store.no-space]
// Rejected: renaming the download. The sandboxed process that wrote it could still hold it open, or
// own it; what is kept must be ours alone and the very bytes that were hashed.
base::Result<void> keep(const std::filesystem::path& kept, const Arrival& arrival,
                        base::Disk& disk = base::real_disk());

// Whether `kept` holds the file, with the size that is expected of it (0: any) and the content that
// its name says: a disk may have flipped a bit since it was kept. Reads all of it.
bool is_kept(const std::filesystem::path& kept, Origin origin, const std::string& sha256,
             std::uint64_t size);

}  // namespace ccci::source
