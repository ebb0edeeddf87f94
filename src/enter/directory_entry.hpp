// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the names in a directory without libc.
#pragma once

#include "kernel.hpp"

namespace ccci::enter {

struct DirectoryEntry {  // linux_dirent64
  std::uint64_t inode;
  std::int64_t offset;
  unsigned short size;
  unsigned char type;
  char name[1];
};

// Calls visit(name) for each entry except "." and "..". Returns a negative errno on failure. The
// visitor must not read another directory with this function.
template <typename Visit>
long for_each_entry(int directory, Visit visit) {
  alignas(DirectoryEntry) static char entries[16384];
  long size = 0;
  while ((size = kernel::call(SYS_getdents64, directory, kernel::word(entries), sizeof entries)) >
         0) {
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const DirectoryEntry*>(entries + at);
      const char* name = entry->name;
      const bool self = name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
      if (!self) visit(name);
      at += entry->size;
    }
  }
  return size;
}

}  // namespace ccci::enter
