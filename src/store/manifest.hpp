// SPDX-License-Identifier: GPL-3.0-or-later
// The list of all entries of a tree, and the Merkle digest over it.
//
// Text form: the line "manifest 2", then one entry per line, sorted by the bytes of the path. In
// paths and targets, '\' and bytes outside 0x21..0x7e are written as \xNN:
//   d PATH
//   f MODE SIZE TIME SHA256 PATH    MODE is 644 or 755, TIME in seconds since 1970
//   l TIME PATH TARGET
// The root itself has no line. The digest of a directory is SHA-256 over its entries in byte order
// of their names: type, mode, time, name and the entry's own digest. The digest of a file is that
// of its content, of a link that of its target, of a directory this one. So equal subtrees have
// equal digests. Owner and inode are not part of it: the owner is the same everywhere, and the
// inode has no meaning.
//
// The times of files and links are part of it, because programs behave by them: make, ccache and
// fontconfig miss an update that has the time of the old version. verify() can only hold what the
// manifest says, and two environments that behave differently must not have one digest. The time of
// a directory has no field: it follows from the digest of its content (derived_time).
//
// A text without the first line is the older form, without TIME (Times::fixed). Small objects have
// it too: all their entries have one time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "base/result.hpp"
#include "store/time_stamp.hpp"

namespace ccci::store {

struct Entry {
  enum class Type : char { directory = 'd', file = 'f', link = 'l' };

  Type type = Type::file;
  std::string path;                 // relative, no leading slash, no "." or ".."
  bool executable = false;          // files
  std::uint64_t size = 0;           // files
  base::Digest content;             // files
  std::string target;               // links
  std::int64_t time = normal_time;  // files and links

  bool operator==(const Entry&) const = default;
};

struct TreeDigests {
  base::Digest root;
  std::vector<std::pair<std::string, base::Digest>> directories;  // all below the root, by path
};

struct Manifest {
  std::vector<Entry> entries;  // sorted by path
  Times times = Times::own;

  bool operator==(const Manifest&) const = default;

  TreeDigests digests() const;
  base::Digest digest() const;  // of the root
  std::uint64_t bytes() const;  // of all files
  const Entry* find(std::string_view path) const;
};

std::string write(const Manifest& manifest);
base::Result<Manifest> read_manifest(std::string_view text,
                                     const std::string& name);  // [store.manifest]

}  // namespace ccci::store
