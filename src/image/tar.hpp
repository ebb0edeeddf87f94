// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a tar archive whose bytes depend only on what is added. libarchive's writer may change its
// headers from release to release, and the digest of an image must not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.hpp"
#include "base/result.hpp"

namespace ccci::image {

struct TarMember {
  enum class Type : char { file = '0', link = '2', directory = '5' };

  Type type = Type::file;
  std::string path;  // relative; without a slash at its end
  unsigned mode = 0644;
  unsigned uid = 0;
  unsigned gid = 0;
  std::int64_t time = 0;
  std::uint64_t size = 0;  // of a file
  std::string target;      // of a link
};

// The header of a member. A name of more than 100 bytes is in a member of its own before it, as in
// GNU tar.
std::string tar_header(const TarMember& member);

// Writes to a file and computes the digest of all that it wrote.
class TarWriter {
 public:
  explicit TarWriter(int output) : output_(output) {}

  base::Result<void> add(const TarMember& member, std::string_view content = {});
  // The content comes from the file, which must have the member's size. `content` gets it too.
  // [image.changed]
  base::Result<void> add_file(const TarMember& member, int from, base::Sha256* content = nullptr);
  base::Result<void> finish();

  std::uint64_t size() const { return size_; }
  base::Digest digest() { return hasher_.finish(); }  // after finish()

 private:
  base::Result<void> put(std::string_view bytes);
  base::Result<void> pad(std::uint64_t size);

  int output_;
  std::uint64_t size_ = 0;
  base::Sha256 hasher_;
};

}  // namespace ccci::image
