// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the outer format of a .deb: an ar archive of debian-binary, control.tar.*, data.tar.*, in
// this order. Members whose name begins with '_' are allowed between the last two and at the end.
// libarchive's ar reader is not used: it accepts symbol tables, long-name tables and BSD names, and
// dpkg accepts none of them. So libarchive and dpkg could read different packages from the same
// bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "store/input.hpp"

namespace ccci::store {

enum class Compression { none, gzip, xz, zstd };

struct DebMember {
  std::string name;  // without padding and without a trailing slash
  std::uint64_t size = 0;
};

class DebReader {
 public:
  explicit DebReader(Input& input) : input_(input) {}

  // Reads the magic and debian-binary. [store.not-a-deb], [store.truncated]
  base::Result<void> open();
  // The next member that is not skipped, or nothing at the end. [store.trailing] if bytes follow
  // that are not a member, [store.truncated]
  base::Result<std::optional<DebMember>> next();
  // Content of the current member; empty at its end. [store.truncated] if the file ends before it.
  base::Result<std::string_view> read();
  // Bytes of the current member that read() has not returned yet.
  std::uint64_t left() const { return left_; }

 private:
  base::Result<std::optional<DebMember>> header();
  base::Result<void> skip();

  Input& input_;
  std::uint64_t left_ = 0;
  bool padded_ = false;
  std::string current_;
};

// The compression by the member's name: "data.tar.xz" with the prefix "data.tar" gives xz.
// [store.compression]
base::Result<Compression> compression_of(const std::string& member, std::string_view prefix);

}  // namespace ccci::store
