// SPDX-License-Identifier: GPL-3.0-or-later
// What a tree holds, path by path, and the Merkle digest that names it.
//
// Text form, one entry a line, sorted by path bytes; paths and targets have bytes outside
// 0x21..0x7e and '\' written as \xNN:
//   d PATH
//   f MODE SIZE SHA256 PATH         MODE is 644 or 755
//   l PATH TARGET
// The root itself has no line. The digest of a directory is SHA-256 over its entries in byte order
// of their names: type, mode, name and the entry's own digest (of a file its content, of a link its
// target, of a directory this); so equal subtrees have equal digests. Owner, time and inode do not
// count: they are the same everywhere or nobody's business.
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
