// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/archive_file.hpp"

#include <archive.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "store/decoder.hpp"
#include "store/members.hpp"

namespace ccci::store {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t block_size = 1U << 18U;

// Forms that look like a file of their own but are containers: stored as a program they would only
// fail when somebody runs them.
constexpr std::array refused{
    std::pair{"7z\xBC\xAF\x27\x1C"sv, "7-zip"sv}, std::pair{"Rar!\x1A\x07"sv, "rar"sv},
    std::pair{"!<arch>\n"sv, "ar or .deb"sv}, std::pair{"\xED\xAB\xEE\xDB"sv, "rpm"sv},
    std::pair{"MSCF"sv, "cabinet"sv}};

base::Error form(std::string_view cause) {
  return base::fail("store.archive-form").with("member", "the archive").with("cause", cause);
}

// A zip is one only where it begins as one: self-contained programs (zipapps, pex) carry a zip
// behind their head and must stay whole.
bool begins_as_zip(std::string_view start) {
  return start.starts_with("PK\x03\x04"sv) || start.starts_with("PK\x05\x06"sv);
}

base::Result<ArchiveHandle> open_handle(int file, bool zip) {
  ArchiveHandle opened(archive_read_new());
  archive* const handle = opened.get();
  if (zip) {
    archive_read_support_format_zip(handle);
  } else {
    archive_read_support_format_tar(handle);
    // Named one by one: "all" would also run programs it finds on PATH for rare forms.
    archive_read_support_filter_gzip(handle);
    archive_read_support_filter_bzip2(handle);
    archive_read_support_filter_xz(handle);
    archive_read_support_filter_lzma(handle);
    archive_read_support_filter_zstd(handle);
    archive_read_support_filter_lz4(handle);
  }
  if (lseek(file, 0, SEEK_SET) != 0) {
    return base::unexpected(base::fail("base.read").with_errno(errno));
  }
  if (archive_read_open_fd(handle, file, block_size) != ARCHIVE_OK) {
    return base::unexpected(archive_error(handle, "the archive"));
  }
  return opened;
}

base::Result<Unpacked> keep_program(int file, const std::string& name, TreeWriter& tree) {
  if (lseek(file, 0, SEEK_SET) != 0) {
    return base::unexpected(base::fail("base.read").with_errno(errno));
  }
  CCCI_CHECK(tree.begin_file(name, true));
  std::string buffer(block_size, '\0');
  for (;;) {
    const ssize_t count = read(file, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::unexpected(base::fail("base.read").with_errno(errno));
    if (count == 0) break;
    CCCI_CHECK(tree.data({buffer.data(), static_cast<std::size_t>(count)}));
  }
  CCCI_CHECK(tree.end_file());
  return Unpacked{tree.finish(), {}};
}

}  // namespace

base::Result<Unpacked> unpack_archive(int file, const std::string& name, int root, Budget& budget) {
  std::array<char, 16> head{};
  const ssize_t length = pread(file, head.data(), head.size(), 0);
  if (length < 0) return base::unexpected(base::fail("base.read").with_errno(errno));
  if (length == 0) return base::unexpected(form("the file is empty"));
  const std::string_view start(head.data(), static_cast<std::size_t>(length));
  for (const auto& [magic, what] : refused) {
    if (start.starts_with(magic)) return base::unexpected(form(what));
  }
  const bool zip = begins_as_zip(start);
  TreeWriter tree(root, Shape::as_is, budget);
  {
    auto probe = open_handle(file, zip);
    archive_entry* entry = nullptr;
    const int status =
        probe ? archive_read_next_header(probe->get(), &entry) : static_cast<int>(ARCHIVE_FATAL);
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
      if (!probe) return base::unexpected(std::move(probe).error());
      const bool plain = archive_filter_count(probe->get()) == 1;
      if (status == ARCHIVE_FATAL && plain && !zip && archive_format(probe->get()) == 0) {
        return keep_program(file, name, tree);
      }
      if (status == ARCHIVE_EOF) return base::unexpected(form("it holds nothing"));
      return base::unexpected(archive_error(probe->get(), "the archive"));
    }
  }
  CCCI_TRY(const ArchiveHandle handle, open_handle(file, zip));
  Unpacked unpacked;
  CCCI_CHECK(write_members(handle.get(), tree, {}, unpacked.dropped));
  unpacked.manifest = tree.finish();
  return unpacked;
}

}  // namespace ccci::store
