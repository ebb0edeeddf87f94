// SPDX-License-Identifier: GPL-3.0-or-later
// Checks the caller's mount table before a namespace is kept or joined.
#pragma once

#include <cstdint>

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

// Adds every mount of the caller that the kernel does not propagate by itself. Returns false if the
// table is unreadable, or if a kept namespace would pin a file system that somebody may want to
// unmount.
bool digest_mounts(Digest& digest);

// The same for the text of a mount table. Changes the text.
bool digest_mount_table(char* table, Digest& digest);

// Whether something is mounted below /usr that the launcher did not mount. A root command of the
// same environment mounted it, and the next command would see it.
bool is_usr_covered();

}  // namespace ccci::enter
