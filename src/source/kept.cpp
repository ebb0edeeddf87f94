// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/kept.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "store/full.hpp"

namespace ccci::source {

namespace {

base::Error read_failed(const Arrival& arrival, int number) {
  return base::fail("base.read").with("path", arrival.file.native()).with_errno(number);
}

// Copies to `to` and hashes the written bytes. Never copies more than the limit.
base::Result<base::Digest> copy(const Arrival& arrival, int from, int to, std::uint64_t& size) {
  const std::uint64_t limit = arrival.limit != 0 ? arrival.limit : arrival.size;
  std::array<char, 1U << 17U> buffer;
  base::Sha256 hasher;
  for (;;) {
    const ssize_t count = read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::unexpected(read_failed(arrival, errno));
    if (count == 0) return hasher.finish();
    size += static_cast<std::uint64_t>(count);
    if (limit != 0 && size > limit) {
      return base::unexpected(base::fail("source.too-large", base::Condition::too_large)
                                  .with("name", arrival.name)
                                  .with("limit", static_cast<long long>(limit)));
    }
    const std::string_view block(buffer.data(), static_cast<std::size_t>(count));
    hasher.update(block);
    if (auto written = base::write_all(to, block); !written) {
      return base::unexpected(std::move(written.error()).with("path", arrival.name));
    }
  }
}

base::Result<void> check(const Arrival& arrival, std::uint64_t size, const base::Digest& digest) {
  if (arrival.size != 0 && size != arrival.size) {
    return base::unexpected(base::fail("source.mismatch", base::Condition::mismatch)
                                .with("name", arrival.name)
                                .with("expected", std::to_string(arrival.size) + " bytes")
                                .with("found", std::to_string(size) + " bytes"));
  }
  if (digest.hex() != arrival.sha256) {
    return base::unexpected(base::fail("source.mismatch", base::Condition::mismatch)
                                .with("name", arrival.name)
                                .with("expected", "sha256 " + arrival.sha256)
                                .with("found", "sha256 " + digest.hex()));
  }
  return {};
}

}  // namespace

std::string kept_name(Origin origin, const std::string& sha256) {
  switch (origin) {
    case Origin::debian:
      return sha256 + ".deb";
    case Origin::archive:
      return sha256 + ".archive";
    case Origin::pypi:
      return sha256 + ".whl";
    case Origin::npm:
      return sha256 + ".tgz";
  }
  return sha256;
}

std::filesystem::path kept_path(const std::filesystem::path& kept, const Package& package) {
  return kept / kept_name(package.origin, package.sha256);
}

bool is_kept(const std::filesystem::path& kept, Origin origin, const std::string& sha256,
             std::uint64_t size) {
  struct stat status {};
  const std::filesystem::path path = kept / kept_name(origin, sha256);
  const base::Fd file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  if (size != 0 && static_cast<std::uint64_t>(status.st_size) != size) return false;
  const auto digest = base::sha256_of_fd(file.get());
  return digest && digest->hex() == sha256;
}

base::Result<void> keep(const std::filesystem::path& kept, const Arrival& arrival,
                        base::Disk& disk) {
  CCCI_TRY(const base::Fd directory, base::open_path(kept, O_RDONLY | O_DIRECTORY));
  std::shared_ptr<const base::Fd> source = arrival.opened;
  if (source == nullptr) {
    // Non-blocking, because a pinned "file" may be a pipe without a writer.
    CCCI_TRY(base::Fd opened, base::open_path(arrival.file, O_RDONLY | O_NONBLOCK));
    source = std::make_shared<const base::Fd>(std::move(opened));
  }
  const base::Fd& from = *source;
  struct stat status {};
  if (fstat(from.get(), &status) != 0) return base::unexpected(read_failed(arrival, errno));
  if (!S_ISREG(status.st_mode)) {
    return base::unexpected(base::fail("source.not-a-file", base::Condition::not_a_file)
                                .with("path", arrival.file.native()));
  }
  const std::string target = kept_name(arrival.origin, arrival.sha256);
  const std::string temporary = "." + target + "." + std::to_string(getpid()) + ".new";
  unlinkat(directory.get(), temporary.c_str(), 0);  // left by an earlier process with the same PID
  // Delete the partial file first. Then report a full disk with the needed and the free space.
  const auto refuse = [&](base::Error error) -> base::Result<void> {
    unlinkat(directory.get(), temporary.c_str(), 0);
    if (!store::is_full(error)) return base::unexpected(std::move(error));
    const auto needed = std::max(arrival.size, static_cast<std::uint64_t>(status.st_size));
    return base::unexpected(store::no_space(arrival.name, needed, directory.get()));
  };
  const base::Fd to(openat(directory.get(), temporary.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!to) {
    return refuse(
        base::fail("base.write").with("path", (kept / target).native()).with_errno(errno));
  }
  const auto publish = [&]() -> base::Result<void> {
    std::uint64_t size = 0;
    CCCI_TRY(const base::Digest digest, copy(arrival, from.get(), to.get(), size));
    CCCI_CHECK(check(arrival, size, digest));
    if (fchmod(to.get(), 0644) != 0) {
      return base::unexpected(base::fail("base.write").with("path", target).with_errno(errno));
    }
    CCCI_CHECK(disk.sync(to.get()));
    // Replace an existing file: its name identifies its content, and the existing file may be
    // damaged.
    return disk.rename_over(directory.get(), temporary, directory.get(), target);
  };
  if (auto published = publish(); !published) return refuse(std::move(published).error());
  return disk.sync(directory.get());
}

base::Error not_kept(const std::filesystem::path& kept, const std::vector<Package>& missing) {
  constexpr std::size_t told = 3;
  const auto name = [](const Package& package) {
    // A pinned archive has a digest for a version.
    if (package.origin == Origin::archive) return package.name;
    return package.name + " " + package.version;
  };
  if (missing.size() == 1) {
    return base::fail("source.offline")
        .with("name", name(missing.front()))
        .with("path", kept_path(kept, missing.front()).native());
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(told, missing.size()); ++i)
    names.push_back(name(missing[i]));
  std::string list = base::join(names, ", ");
  if (missing.size() > told) list += " and " + std::to_string(missing.size() - told) + " more";
  return base::fail("source.offline-files")
      .with("count", static_cast<long long>(missing.size()))
      .with("names", list)
      .with("path", kept.native());
}

}  // namespace ccci::source
