// SPDX-License-Identifier: GPL-3.0-or-later
// Archives that the declaration pins by content: [packages.NAME] with `url` or `file`, and
// `sha256`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "source/package.hpp"

namespace ccci::source::archive {

inline constexpr std::uint64_t largest_archive = 4ULL << 30U;  // bytes

// The archive as a package, without why it is there and where (lock::make() knows). The rule must
// be one of a pinned archive.
base::Result<Package> describe(const declare::PackageRule& rule);

struct Options {
  std::filesystem::path
      root;  // libapt's, for urls; unset: `apt` beside the directory of kept files
  bool offline = false;
  std::uint64_t limit = largest_archive;
};

// Where the archive lies on this machine: `file`, relative to `directory`, or the path in a file://
// url. Nothing for other urls.
std::optional<std::filesystem::path> local_file(const declare::PinnedArchive& archive,
                                                const std::filesystem::path& directory);

// Brings it into `kept` as SHA256.archive (source::kept_path) unless it is there. `file` is
// relative to `directory`, the declaration's. Any url that libapt's methods take will do (http,
// https), redirects are followed: the digest alone decides. A file:// url needs no network.
// [source.pin-mismatch], [source.pin-unreachable], [source.too-large], [source.offline],
// [store.no-space], [base.open]
base::Result<void> fetch(const declare::PackageRule& rule, const std::filesystem::path& directory,
                         const std::filesystem::path& kept, base::Progress& progress,
                         const Options& options = {});

}  // namespace ccci::source::archive
