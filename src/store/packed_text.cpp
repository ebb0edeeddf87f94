// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/packed_text.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>

#include "base/text.hpp"
#include "store/decoder.hpp"

namespace ccci::store {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view zstd_magic = "\x28\xB5\x2F\xFD"sv;

struct WriteCloser {
  void operator()(archive* handle) const { archive_write_free(handle); }
};

struct EntryCloser {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

long append(archive*, void* out, const void* bytes, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<long>(size);
}

base::unexpected<base::Error> damaged(const std::string& name, std::string_view cause) {
  return base::unexpected(
      base::fail("store.manifest").with("file", name).with("line", 0).with("text", cause));
}

}  // namespace

base::Result<std::string> pack_text(std::string text) {
  if (text.size() < packed_from) return text;
  std::string packed;
  const std::unique_ptr<archive, WriteCloser> handle(archive_write_new());
  const std::unique_ptr<archive_entry, EntryCloser> entry(archive_entry_new());
  archive* const out = handle.get();
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  const bool done =
      archive_write_set_format_raw(out) == ARCHIVE_OK &&
      archive_write_add_filter_zstd(out) == ARCHIVE_OK &&
      // Without this call libarchive fills the last block with zeros.
      archive_write_set_bytes_in_last_block(out, 1) == ARCHIVE_OK &&
      archive_write_open(out, &packed, nullptr, append, nullptr) == ARCHIVE_OK &&
      archive_write_header(out, entry.get()) == ARCHIVE_OK &&
      archive_write_data(out, text.data(), text.size()) == static_cast<la_ssize_t>(text.size()) &&
      archive_write_close(out) == ARCHIVE_OK;
  if (done) return packed;
  const char* cause = archive_error_string(out);
  return base::unexpected(base::fail("store.pack").with("cause", cause == nullptr ? "" : cause));
}

base::Result<std::string> unpack_text(std::string stored, std::uint64_t limit,
                                      const std::string& name) {
  if (!stored.starts_with(zstd_magic)) return stored;
  const ArchiveHandle handle(archive_read_new());
  archive* const in = handle.get();
  archive_entry* entry = nullptr;
  if (archive_read_append_filter(in, ARCHIVE_FILTER_ZSTD) != ARCHIVE_OK ||
      archive_read_support_format_raw(in) != ARCHIVE_OK ||
      archive_read_open_memory(in, stored.data(), stored.size()) != ARCHIVE_OK ||
      archive_read_next_header(in, &entry) != ARCHIVE_OK) {
    return damaged(name, archive_error(in, name).field("cause"));
  }
  std::string text;
  for (;;) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(in, &block, &size, &offset);
    if (status == ARCHIVE_EOF) return text;
    if (status != ARCHIVE_OK) return damaged(name, archive_error(in, name).field("cause"));
    if (text.size() + size > limit) return damaged(name, "it is larger than any manifest");
    text.append(static_cast<const char*>(block), size);
  }
}

}  // namespace ccci::store
