// SPDX-License-Identifier: GPL-3.0-or-later
// A full disk is the one failure that its user can always remedy, so it gets its own error, with
// the figures.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace ccci::store {

bool is_full(int number);
bool is_full(const base::Error& error);

// [store.no-space]; `needed` 0: not known. `fd`: anything on the file system that is full.
base::Error no_space(std::string_view object, std::uint64_t needed, int fd);
// The error itself, or no_space() where it is one of a full disk.
base::Error unless_full(base::Error error, std::string_view object, std::uint64_t needed, int fd);
// What a tree takes at least, for `needed`: whole blocks of its files, and one for each directory.
std::uint64_t blocks_of(std::uint64_t bytes, std::uint64_t entries);
// Says again what is free, once what had been staged is gone.
void measure_free(base::Error& error, int fd);

}  // namespace ccci::store
