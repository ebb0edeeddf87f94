// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/archive_file.hpp"

#include <archive.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "store/decoder.hpp"
#include "store/members.hpp"
#include "store/xz.hpp"

namespace ccci::store {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t block_size = 1U << 18U;

// These formats are containers. If they were stored as a program, they would fail only when
// somebody runs them.
constexpr std::array refused{std::pair{"7z\xBC\xAF\x27\x1C"sv, "7-zip"sv},
                             std::pair{"Rar!\x1A\x07"sv, "rar"sv},
                             std::pair{"!<arch>\n"sv, "ar or .deb"sv},
                             std::pair{"\xED\xAB\xEE\xDB"sv, "rpm"sv},
                             std::pair{"MSCF"sv, "cabinet"sv},
                             std::pair{"\x5D\0\0"sv, "lzma"sv}};

base::Error form(std::string_view cause) {
  return base::fail("store.archive-form").with("member", "the archive").with("cause", cause);
}

// A file is a zip only if it begins as one. Self-contained programs (zipapps, pex) have a zip after
// their head and must not be unpacked.
bool begins_as_zip(std::string_view start) {
  return start.starts_with("PK\x03\x04"sv) || start.starts_with("PK\x05\x06"sv);
}

enum class Packing { zip, xz, other };

Packing packing_of(std::string_view start) {
  if (begins_as_zip(start)) return Packing::zip;
  return start.starts_with(
             "\xFD"
             "7zXZ\0"sv)
             ? Packing::xz
             : Packing::other;
}

base::Result<void> rewind(int file) {
  if (lseek(file, 0, SEEK_SET) == 0) return {};
  return base::unexpected(base::fail("base.read").with_errno(errno));
}

// The file, opened with libarchive or through Xz.
class Opened {
 public:
  Opened(int file, Packing packing)
      : file_(file), handle_(archive_read_new()), buffer_(block_size, '\0') {
    archive* const handle = handle_.get();
    if (packing == Packing::zip) {
      archive_read_support_format_zip(handle);
      status_ = archive_read_open_fd(handle, file, block_size);
      return;
    }
    archive_read_support_format_tar(handle);
    if (packing == Packing::xz) {
      xz_.emplace([this] { return piece(); }, "the archive");
      status_ = archive_read_open(handle, this, nullptr, feed, nullptr);
      return;
    }
    // The filters are named one by one: "all" would also run programs from PATH for rare formats.
    // lzma is left out: like xz it may ask for 4 GB of memory, and nobody has used it for years.
    archive_read_support_filter_gzip(handle);
    archive_read_support_filter_bzip2(handle);
    archive_read_support_filter_zstd(handle);
    archive_read_support_filter_lz4(handle);
    status_ = archive_read_open_fd(handle, file, block_size);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  archive* get() const { return handle_.get(); }
  int status() const { return status_; }
  const base::Error& pending() const { return pending_; }
  base::Error error() const {
    return pending_.code.empty() ? archive_error(get(), "the archive") : pending_;
  }

 private:
  static long feed(archive* handle, void* self, const void** block) {
    auto& opened = *static_cast<Opened*>(self);
    auto piece = opened.xz_->read();
    if (!piece) {
      opened.pending_ = std::move(piece).error();
      archive_set_error(handle, EIO, "input");
      return ARCHIVE_FATAL;
    }
    *block = piece->data();
    return static_cast<long>(piece->size());
  }

  base::Result<std::string_view> piece() {
    ssize_t count = -1;
    do {
      count = read(file_, buffer_.data(), buffer_.size());
    } while (count < 0 && errno == EINTR);
    if (count < 0) return base::unexpected(base::fail("base.read").with_errno(errno));
    return std::string_view(buffer_.data(), static_cast<std::size_t>(count));
  }

  int file_;
  ArchiveHandle handle_;
  std::string buffer_;
  std::optional<Xz> xz_;
  base::Error pending_;
  int status_ = ARCHIVE_FATAL;
};

enum class Shown { archive, program };

// Opens the file once to find out what it is.
base::Result<Shown> look(int file, Packing packing) {
  CCCI_CHECK(rewind(file));
  const Opened probe(file, packing);
  archive_entry* entry = nullptr;
  int status = probe.status();
  // libarchive sets this for "unrecognized archive format".
  const bool unknown = status == ARCHIVE_FATAL && archive_errno(probe.get()) == EILSEQ;
  // A compressed file without a tar inside is neither an archive nor a program.
  if (unknown && packing == Packing::other && archive_filter_count(probe.get()) == 1) {
    return Shown::program;
  }
  if (status == ARCHIVE_OK) status = archive_read_next_header(probe.get(), &entry);
  if (status == ARCHIVE_EOF) return base::unexpected(form("it is empty"));
  if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
    return base::unexpected(probe.error());
  }
  return Shown::archive;
}

base::Result<Unpacked> keep_program(int file, const std::string& name, TreeWriter& tree) {
  CCCI_CHECK(rewind(file));
  CCCI_CHECK(tree.begin_file(name, true, std::nullopt));
  std::string buffer(block_size, '\0');
  for (;;) {
    const ssize_t count = read(file, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::unexpected(base::fail("base.read").with_errno(errno));
    if (count == 0) break;
    CCCI_CHECK(tree.data({buffer.data(), static_cast<std::size_t>(count)}));
  }
  CCCI_CHECK(tree.end_file());
  CCCI_TRY(WrittenTree written, tree.finish());
  return Unpacked{std::move(written.manifest), written.digest, {}};
}

}  // namespace

base::Result<Unpacked> unpack_archive(int file, const PackageSource& source, int root,
                                      Budget& budget) {
  std::array<char, 32> head{};
  const ssize_t length = pread(file, head.data(), head.size(), 0);
  if (length < 0) return base::unexpected(base::fail("base.read").with_errno(errno));
  if (length == 0) return base::unexpected(form("the file is empty"));
  const std::string_view start(head.data(), static_cast<std::size_t>(length));
  for (const auto& [magic, what] : refused) {
    if (start.starts_with(magic)) return base::unexpected(form(what));
  }
  if (asks_too_much(start)) return base::unexpected(too_much_memory());
  const Packing packing = packing_of(start);
  TreeWriter tree(root, Shape::as_is, budget, source.times);
  CCCI_TRY(const Shown shown, look(file, packing));
  if (shown == Shown::program) return keep_program(file, source.name, tree);
  CCCI_CHECK(rewind(file));
  const Opened opened(file, packing);
  if (opened.status() != ARCHIVE_OK) return base::unexpected(opened.error());
  Unpacked unpacked;
  CCCI_CHECK(write_members(opened.get(), tree, opened.pending(), unpacked.dropped));
  CCCI_TRY(WrittenTree written, tree.finish());
  unpacked.manifest = std::move(written.manifest);
  unpacked.digest = written.digest;
  return unpacked;
}

}  // namespace ccci::store
