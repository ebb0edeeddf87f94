// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/archive_file.hpp"

#include <archive.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

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

ArchiveHandle new_handle(bool zip) {
  ArchiveHandle made(archive_read_new());
  archive* const handle = made.get();
  if (zip) {
    archive_read_support_format_zip(handle);
    return made;
  }
  archive_read_support_format_tar(handle);
  // Named one by one: "all" would also run programs it finds on PATH for rare forms.
  archive_read_support_filter_gzip(handle);
  archive_read_support_filter_bzip2(handle);
  archive_read_support_filter_xz(handle);
  archive_read_support_filter_lzma(handle);
  archive_read_support_filter_zstd(handle);
  archive_read_support_filter_lz4(handle);
  return made;
}

base::Result<void> rewind(int file) {
  if (lseek(file, 0, SEEK_SET) == 0) return {};
  return base::unexpected(base::fail("base.read").with_errno(errno));
}

enum class Shown { archive, program };

// Opens it once to see what it is.
base::Result<Shown> look(int file, bool zip) {
  CCCI_CHECK(rewind(file));
  const ArchiveHandle probe = new_handle(zip);
  archive_entry* entry = nullptr;
  int status = archive_read_open_fd(probe.get(), file, block_size);
  // What libarchive sets for "unrecognized archive format".
  const bool unknown = status == ARCHIVE_FATAL && archive_errno(probe.get()) == EILSEQ;
  // Compressed, but no tar inside: neither an archive nor a program.
  if (unknown && !zip && archive_filter_count(probe.get()) == 1) return Shown::program;
  if (status == ARCHIVE_OK) status = archive_read_next_header(probe.get(), &entry);
  if (status == ARCHIVE_EOF) return base::unexpected(form("it holds nothing"));
  if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
    return base::unexpected(archive_error(probe.get(), "the archive"));
  }
  return Shown::archive;
}

base::Result<Unpacked> keep_program(int file, const std::string& name, TreeWriter& tree) {
  CCCI_CHECK(rewind(file));
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
  CCCI_TRY(const Shown shown, look(file, zip));
  if (shown == Shown::program) return keep_program(file, name, tree);
  CCCI_CHECK(rewind(file));
  const ArchiveHandle handle = new_handle(zip);
  if (archive_read_open_fd(handle.get(), file, block_size) != ARCHIVE_OK) {
    return base::unexpected(archive_error(handle.get(), "the archive"));
  }
  Unpacked unpacked;
  CCCI_CHECK(write_members(handle.get(), tree, {}, unpacked.dropped));
  unpacked.manifest = tree.finish();
  return unpacked;
}

}  // namespace ccci::store
