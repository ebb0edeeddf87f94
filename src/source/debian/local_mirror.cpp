// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/local_mirror.hpp"

#include <apt-pkg/strutl.h>
#include <sys/stat.h>

#include <filesystem>
#include <string_view>

#include "base/text.hpp"
#include "source/debian/download.hpp"

namespace ccci::source::debian {

namespace {

// The path of a file: or copy: address; empty for others.
std::string local_path(const std::string& uri) {
  for (const std::string_view scheme : {"file:", "copy:"}) {
    if (!uri.starts_with(scheme)) continue;
    std::string path = DeQuoteString(uri.substr(scheme.size()));
    while (path.starts_with("//")) path.erase(0, 1);
    return path;
  }
  return {};
}

}  // namespace

base::Result<void> check_local_file(const std::string& uri, std::uint64_t most) {
  const std::string path = local_path(uri);
  struct stat status {};
  if (path.empty() || stat(path.c_str(), &status) != 0) return {};
  if (!S_ISREG(status.st_mode)) {
    return base::unexpected(
        base::fail("source.not-a-file", base::Condition::not_a_file).with("path", path));
  }
  if (most == 0 || static_cast<std::uint64_t>(status.st_size) <= most) return {};
  return base::unexpected(base::fail("source.endless")
                              .with("uri", "file:" + path)
                              .with("limit", base::human_bytes(most)));
}

base::Result<void> check_local_mirror(const metaIndex& meta, const std::string& dists) {
  if (local_path(dists).empty()) return {};
  for (const char* name : {"InRelease", "Release", "Release.gpg"}) {
    CCCI_CHECK(check_local_file(dists + name, largest_release));
  }
  for (const IndexTarget& target : meta.GetIndexTargets()) {
    for (const char* suffix : {"", ".xz", ".gz", ".bz2", ".lzma", ".lz4", ".zst"}) {
      CCCI_CHECK(check_local_file(target.URI + suffix));
    }
    std::error_code error;
    const auto by_hash = std::filesystem::path(local_path(target.URI)).parent_path() / "by-hash";
    for (std::filesystem::recursive_directory_iterator at(by_hash, error), end; !error && at != end;
         at.increment(error)) {
      std::error_code unknown;
      if (!at->is_directory(unknown)) CCCI_CHECK(check_local_file("file:" + at->path().native()));
    }
  }
  return {};
}

}  // namespace ccci::source::debian
