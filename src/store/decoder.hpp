// SPDX-License-Identifier: GPL-3.0-or-later
// One member of a .deb as a stream of decompressed bytes, bounded on the way.
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

// What libarchive says is wrong: [store.truncated], [store.bomb] or [store.archive-form].
base::Error archive_error(archive* handle, std::string_view member);

// Whether a zstd frame that begins so wants a window of more than 128 MB. libzstd refuses it as
// well, but of the first frame its reason gets lost in libarchive.
bool asks_too_much(std::string_view zstd);

class Decoder {
 public:
  // Decompresses the current member of `deb`, which must outlive this.
  Decoder(DebReader& deb, DebMember member, Compression compression, Budget& budget);

  base::Result<void> open();
  base::Result<std::string_view> read();  // empty at the end; valid until the next call
  // Of all that read() gave, a reader has used the first `consumed` bytes: the rest, and all that
  // is still to come, must be zeros, and the whole must end in a tar's empty block.
  // [store.trailing], [store.truncated]
  base::Result<void> expect_only_zeros(std::uint64_t consumed);

 private:
  static long feed(archive* handle, void* self, const void** block);
  base::Result<std::string_view> decompressed();
  bool all_taken() const;  // a decompressor may stop before the member does

  DebReader& deb_;
  DebMember member_;
  Compression compression_;
  Budget& budget_;
  ArchiveHandle handle_;
  std::optional<Xz> xz_;  // then there is no handle
  base::Error pending_;   // what feed() met: libarchive passes on a number only
  std::string_view last_;
  std::uint64_t given_ = 0;
  std::uint64_t ending_zeros_ = 0;
};

}  // namespace ccci::store
