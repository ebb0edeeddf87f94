// SPDX-License-Identifier: GPL-3.0-or-later
// Limits for unpacking one archive. They are checked while the archive is unpacked.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "store/package.hpp"

namespace ccci::store {

class Budget {
 public:
  Budget(const Limits& limits, std::uint64_t packed) : limits_(limits), packed_(packed) {}

  const Limits& limits() const { return limits_; }

  // [store.bomb] names the limit that was exceeded.
  base::Result<void> spend_bytes(std::uint64_t count) {
    // A harmless archive of a few kilobytes may hold a megabyte of zeros. So the ratio is checked
    // only above this size.
    constexpr std::uint64_t harmless = 64'000'000;
    bytes_ = count > limits_.bytes ? limits_.bytes + 1 : bytes_ + count;
    if (bytes_ > limits_.bytes) return over("bytes", limits_.bytes);
    if (bytes_ > harmless && bytes_ / limits_.ratio > packed_) return over("ratio", limits_.ratio);
    return {};
  }
  base::Result<void> spend_entry() {
    if (++entries_ > limits_.entries) return over("entries", limits_.entries);
    return {};
  }

 private:
  static base::Result<void> over(std::string_view name, std::uint64_t limit) {
    return base::unexpected(
        base::fail("store.bomb").with("limit", name).with("most", static_cast<long long>(limit)));
  }

  Limits limits_;
  std::uint64_t packed_;
  std::uint64_t bytes_ = 0;
  std::uint64_t entries_ = 0;
};

}  // namespace ccci::store
