// SPDX-License-Identifier: GPL-3.0-or-later
// The error for a full disk. The user can always fix a full disk, so it has an error of its own
// that gives the figures.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace ccci::store {

bool is_full(int number);
bool is_full(const base::Error& error);

// [store.no-space]. `needed` is 0 if it is not known. `fd` is any file on the full file system.
base::Error no_space(std::string_view object, std::uint64_t needed, int fd);
// Returns no_space() if the error means a full disk, otherwise the error itself.
base::Error unless_full(base::Error error, std::string_view object, std::uint64_t needed, int fd);
// The least disk space that a tree needs, for `needed`: its files in whole blocks, and one block
// for each directory.
std::uint64_t blocks_of(std::uint64_t bytes, std::uint64_t entries);
// Updates the free space in the error after the staged files were removed.
void measure_free(base::Error& error, int fd);

}  // namespace ccci::store
