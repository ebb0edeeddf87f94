// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/decoder.hpp"

#include <archive.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>

#include "base/text.hpp"

namespace ccci::store {

namespace {

constexpr std::uint64_t tar_block = 512;

int filter_of(Compression compression) {
  switch (compression) {
    case Compression::none:
    case Compression::xz:  // not done by libarchive
      return ARCHIVE_FILTER_NONE;
    case Compression::gzip:
      return ARCHIVE_FILTER_GZIP;
    case Compression::zstd:
      return ARCHIVE_FILTER_ZSTD;
  }
  return ARCHIVE_FILTER_NONE;
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0; });
}

}  // namespace

void ArchiveCloser::operator()(archive* handle) const { archive_read_free(handle); }

base::Error archive_error(archive* handle, std::string_view member) {
  const char* text = archive_error_string(handle);
  std::string cause = text == nullptr ? "unknown form" : base::printable(text);
  std::transform(cause.begin(), cause.end(), cause.begin(),
                 [](unsigned char byte) { return static_cast<char>(std::tolower(byte)); });
  // liblzma says "no progress is possible" if its input ended too early.
  const bool truncated = cause.find("truncated") != std::string::npos ||
                         cause.find("no progress is possible") != std::string::npos;
  // libzstd says this for a window of more than 128 MB.
  if (cause.find("too much memory") != std::string::npos) return too_much_memory();
  return base::fail(truncated ? "store.truncated" : "store.archive-form")
      .with("member", member.substr(0, 400))
      .with("cause", cause);
}

bool asks_too_much(std::string_view zstd) {
  using namespace std::string_view_literals;
  constexpr std::size_t descriptor = 4;
  if (!zstd.starts_with("\x28\xB5\x2F\xFD"sv) || zstd.size() < descriptor + 2) return false;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(zstd[at]); };
  const unsigned form = byte(descriptor);
  if ((form & 0x20U) == 0) return byte(descriptor + 1) > (27U - 10U) << 3U;
  // The window is the whole content. Its size is after the dictionary's number.
  constexpr std::array<std::size_t, 4> number_sizes{0, 1, 2, 4};
  const std::size_t at = descriptor + 1 + number_sizes[form & 3U];
  const std::size_t length = std::size_t{1} << (form >> 6U);
  if (length < 4 || zstd.size() < at + length) return false;
  std::uint64_t size = 0;
  for (std::size_t i = length; i-- > 0;) size = size << 8U | byte(at + i);
  return size > 1U << 27U;
}

Decoder::Decoder(DebReader& deb, DebMember member, Compression compression, Budget& budget)
    : deb_(deb), member_(std::move(member)), compression_(compression), budget_(budget) {
  if (compression == Compression::xz) {
    xz_.emplace([this] { return deb_.read(); }, member_.name);
  } else {
    handle_.reset(archive_read_new());
  }
}

long Decoder::feed(archive* handle, void* self, const void** block) {
  auto& decoder = *static_cast<Decoder*>(self);
  auto piece = decoder.deb_.read();
  if (!piece) {
    decoder.pending_ = std::move(piece).error();
    archive_set_error(handle, EIO, "input");
    return ARCHIVE_FATAL;
  }
  if (decoder.compression_ == Compression::zstd && decoder.given_ == 0 && asks_too_much(*piece)) {
    decoder.pending_ = too_much_memory();
    archive_set_error(handle, EIO, "input");
    return ARCHIVE_FATAL;
  }
  *block = piece->data();
  return static_cast<long>(piece->size());
}

base::Result<void> Decoder::open() {
  if (xz_) return {};
  archive* const handle = handle_.get();
  // The member's name sets the filter; it is not guessed. So a file that dpkg would not read is
  // refused.
  const bool ready = (compression_ == Compression::none ||
                      archive_read_append_filter(handle, filter_of(compression_)) == ARCHIVE_OK) &&
                     archive_read_support_format_raw(handle) == ARCHIVE_OK;
  archive_entry* entry = nullptr;
  if (!ready || archive_read_open(handle, this, nullptr, feed, nullptr) != ARCHIVE_OK ||
      archive_read_next_header(handle, &entry) != ARCHIVE_OK) {
    if (!pending_.code.empty()) return base::unexpected(pending_);
    return base::unexpected(archive_error(handle, member_.name));
  }
  return {};
}

base::Result<std::string_view> Decoder::decompressed() {
  if (xz_) return xz_->read();
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  const int status = archive_read_data_block(handle_.get(), &block, &size, &offset);
  if (status == ARCHIVE_EOF) return std::string_view{};
  if (status != ARCHIVE_OK) {
    if (!pending_.code.empty()) return base::unexpected(pending_);
    return base::unexpected(archive_error(handle_.get(), member_.name));
  }
  return std::string_view(static_cast<const char*>(block), size);
}

base::Result<std::string_view> Decoder::read() {
  // At the end `last_` is not changed, because expect_only_zeros() uses it.
  CCCI_TRY(const std::string_view piece, decompressed());
  if (piece.empty()) return piece;
  const std::size_t size = piece.size();
  CCCI_CHECK(budget_.spend_bytes(size));
  last_ = piece;
  given_ += size;
  const auto tail = static_cast<std::uint64_t>(
      std::find_if(last_.rbegin(), last_.rend(), [](char byte) { return byte != 0; }) -
      last_.rbegin());
  ending_zeros_ = tail == size ? ending_zeros_ + size : tail;
  return last_;
}

base::Result<void> Decoder::expect_only_zeros(std::uint64_t consumed) {
  const auto trailing = [this] {
    return base::unexpected(base::fail("store.trailing").with("member", member_.name));
  };
  const auto unused = static_cast<std::size_t>(
      std::min<std::uint64_t>(given_ - std::min(consumed, given_), last_.size()));
  if (!all_zero(last_.substr(last_.size() - unused))) return trailing();
  for (;;) {
    CCCI_TRY(const std::string_view piece, read());
    if (piece.empty()) break;
    if (!all_zero(piece)) return trailing();
  }
  if (ending_zeros_ < tar_block) {
    return base::unexpected(base::fail("store.truncated").with("member", member_.name));
  }
  if (deb_.left() != 0 || !all_taken()) return trailing();
  return {};
}

bool Decoder::all_taken() const {
  // Xz reads everything, or reports an error if more bytes follow.
  return xz_ || archive_filter_bytes(handle_.get(), -1) == static_cast<la_int64_t>(member_.size);
}

}  // namespace ccci::store
