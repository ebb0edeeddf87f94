// SPDX-License-Identifier: GPL-3.0-or-later
// Archives that the declaration pins by content: [packages.NAME] with `url` or `file`, and
// `sha256`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "source/package.hpp"

namespace ccci::source::archive {

inline constexpr std::uint64_t largest_archive = 4ULL << 30U;  // bytes

// The archive as a package, without why it is there and where (lock::make() knows). The rule must
// be one of a pinned archive.
Package describe(const declare::PackageRule& rule);

struct Place {
  std::filesystem::path declaration;  // directory that `file` is relative to
  std::filesystem::path root;         // libapt's root (STATE/apt); needed for urls only
  std::filesystem::path kept;         // gets SHA256.archive (source::kept_path)
  bool offline = false;
  std::uint64_t limit = largest_archive;
};

// Brings those into `kept` that are not there; all that failed in one Error [source.pin-mismatch],
// [source.pin-unreachable], [source.too-large], [source.offline], [base.open]. Any url that
// libapt's methods take will do (http, https, file) and redirects are followed: the digest alone
// decides. Packages of another origin are passed over.
base::Result<void> fetch(const std::vector<Package>& packages, const Place& place,
                         base::Progress& progress);

}  // namespace ccci::source::archive
