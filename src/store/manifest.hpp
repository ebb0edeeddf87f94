// SPDX-License-Identifier: GPL-3.0-or-later
// The list of all entries of a tree, and the Merkle digest over it.
//
// Text form: one entry per line, sorted by the bytes of the path. In paths and targets, '\' and
// bytes outside 0x21..0x7e are written as \xNN:
//   d PATH
//   f MODE SIZE SHA256 PATH         MODE is 644 or 755
//   l PATH TARGET
// The root itself has no line. The digest of a directory is SHA-256 over its entries in byte order
// of their names: type, mode, name and the entry's own digest. The digest of a file is that of its
// content, of a link that of its target, of a directory this one. So equal subtrees have equal
// digests. Owner, time and inode are not part of it: publish() makes owner and time the same
// everywhere, and the inode has no meaning.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "base/result.hpp"

namespace ccci::store {

struct Entry {
  enum class Type : char { directory = 'd', file = 'f', link = 'l' };

  Type type = Type::file;
  std::string path;         // relative, no leading slash, no "." or ".."
  bool executable = false;  // files
  std::uint64_t size = 0;   // files
  base::Digest content;     // files
  std::string target;       // links

  bool operator==(const Entry&) const = default;
};

struct Manifest {
  std::vector<Entry> entries;  // sorted by path

  bool operator==(const Manifest&) const = default;

  base::Digest digest() const;
  std::uint64_t bytes() const;  // of all files
  const Entry* find(std::string_view path) const;
};

std::string write(const Manifest& manifest);
base::Result<Manifest> read_manifest(std::string_view text,
                                     const std::string& name);  // [store.manifest]

}  // namespace ccci::store
