// SPDX-License-Identifier: GPL-3.0-or-later
// What the caller's mount table means for a kept namespace.
#pragma once

#include <cstdint>

namespace ccci::enter {

// FNV-1a, 64 bits: tells states apart, guards nothing.
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

// Adds every mount of the caller's that the kernel will not carry over by itself. False where a
// kept namespace would pin a file system that somebody may want to unmount, or the table is
// unreadable.
bool digest_mounts(Digest& digest);

// The same over the text of a mount table; alters it.
bool digest_mount_table(char* table, Digest& digest);

// Whether something is mounted below /usr that the launcher did not put there: a root command of
// the same environment did, and what runs next would find it.
bool is_usr_covered();

}  // namespace ccci::enter
