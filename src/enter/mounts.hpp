// SPDX-License-Identifier: GPL-3.0-or-later
// Checks the caller's mount table before a namespace is kept or joined.
#pragma once

#include <cstdint>

#include "entrypoint.hpp"

namespace ccci::enter {

// FNV-1a, 64 bits. It distinguishes states; it is not a protection against attackers.
class Digest {
 public:
  void add(const char* text) {
    for (; *text != '\0'; ++text) add_byte(static_cast<unsigned char>(*text));
    add_byte(0);
  }
  void add(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64U; shift += 8U) {
      add_byte(static_cast<unsigned char>(value >> shift));
    }
  }
  std::uint64_t value() const { return value_; }

 private:
  void add_byte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

inline constexpr const char* kept_directory = "/run/cc-ci/ns";

// A sum of digests of mounts, modulo 2^64: the order of the table does not matter.
using MountSum = std::uint64_t;

// Adds every mount of the caller that the kernel does not propagate by itself. `shared` is the sum
// of those that it propagates. Returns false if the table is unreadable, or if a kept namespace
// would pin a file system that somebody may want to unmount.
bool digest_mounts(Digest& digest, MountSum& shared);

// Inside a namespace that is a slave of the caller's: the sum of all its mounts, less those that
// the kernel propagates from `shared` ones. It stays the same while the host mounts and unmounts,
// and changes if a command inside mounts, unmounts or remounts something. 0 if the table is
// unreadable.
MountSum sum_own_mounts(const EntrypointView& view, MountSum shared);

// The same for the text of a mount table. Both change the text.
bool digest_mount_table(char* table, Digest& digest, MountSum& shared);
MountSum sum_mount_table(char* table, const EntrypointView& view);

}  // namespace ccci::enter
