// SPDX-License-Identifier: GPL-3.0-or-later
// Decompresses one member of a .deb as a stream and checks the limits while it does so.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "store/budget.hpp"
#include "store/deb.hpp"
#include "store/xz.hpp"

struct archive;

namespace ccci::store {

struct ArchiveCloser {
  void operator()(archive* handle) const;
};
using ArchiveHandle = std::unique_ptr<archive, ArchiveCloser>;

// Converts libarchive's error: [store.truncated], [store.bomb] or [store.archive-form].
base::Error archive_error(archive* handle, std::string_view member);

// Whether the zstd frame that begins with these bytes asks for a window of more than 128 MB.
// libzstd refuses such a frame too, but if it is the first frame, libarchive loses the reason.
bool asks_too_much(std::string_view zstd);

class Decoder {
 public:
  // Decompresses the current member of `deb`, which must outlive this.
  Decoder(DebReader& deb, DebMember member, Compression compression, Budget& budget);

  base::Result<void> open();
  base::Result<std::string_view> read();  // empty at the end; valid until the next call
  // The caller has used the first `consumed` bytes of all that read() returned. The rest, and all
  // that follows, must be zeros, and the whole must end with the empty block of a tar.
  // [store.trailing], [store.truncated]
  base::Result<void> expect_only_zeros(std::uint64_t consumed);

 private:
  static long feed(archive* handle, void* self, const void** block);
  base::Result<std::string_view> decompressed();
  bool all_taken() const;  // a decompressor may stop before the member ends

  DebReader& deb_;
  DebMember member_;
  Compression compression_;
  Budget& budget_;
  ArchiveHandle handle_;
  std::optional<Xz> xz_;  // if set, there is no handle
  base::Error pending_;   // the error in feed(): libarchive returns only a number
  std::string_view last_;
  std::uint64_t given_ = 0;
  std::uint64_t ending_zeros_ = 0;
};

}  // namespace ccci::store
