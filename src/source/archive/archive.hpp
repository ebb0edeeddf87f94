// SPDX-License-Identifier: GPL-3.0-or-later
// Archives that the declaration pins by content: [packages.NAME] with `url` or `file`, and
// `sha256`.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "source/package.hpp"

namespace ccci::source::archive {

inline constexpr std::uint64_t largest_archive = 4ULL << 30U;  // bytes

// Describes the archive as a package, without `because` and `sets` (lock::make() fills them in).
// The rule must name a pinned archive.
base::Result<Package> describe(const declare::PackageRule& rule);

struct Options {
  std::filesystem::path
      root;  // libapt's root, for urls; unset: `apt` next to the directory of kept files
  bool offline = false;
  std::uint64_t limit = largest_archive;
  std::chrono::milliseconds patience = std::chrono::minutes(1);  // with a silent server
  std::string authorities = {};                                  // as of debian::Machine
};

// The path of the archive on this machine: `file`, relative to `directory`, or the path in a
// file:// url. Returns nothing for other urls.
std::optional<std::filesystem::path> local_file(const declare::PinnedArchive& archive,
                                                const std::filesystem::path& directory);

// Copies or downloads the archive to SHA256.archive in `kept` (source::kept_path), unless it is
// already there. `file` is relative to `directory`, the declaration's directory. The url may use
// any scheme that libapt's methods support (http, https). Redirects are followed, because only the
// digest decides what is accepted. A file:// url needs no network.
// [source.pin-mismatch], [source.pin-unreachable], [source.too-large], [source.offline],
// [store.no-space], [base.open]
base::Result<void> fetch(const declare::PackageRule& rule, const std::filesystem::path& directory,
                         const std::filesystem::path& kept, base::Progress& progress,
                         const Options& options = {});

}  // namespace ccci::source::archive
