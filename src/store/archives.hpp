// SPDX-License-Identifier: GPL-3.0-or-later
// The fetched files that are kept, each named by its digest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/package.hpp"

namespace ccci::store {

struct KeptArchive {
  std::string name;    // "SHA256.deb"
  std::string sha256;  // as the name has it
  std::uint64_t size = 0;
};

// Sorted by name; other files in archives/ (of a fetch at work) are left out.
std::vector<KeptArchive> kept_archives(const Store& store);

// From what a package object was made: as its meta.json says or, where that is damaged, found among
// the kept archives by the address. Nothing where the archive is not kept.
std::optional<PackageSource> source_of(const Store& store, const Address& address);

}  // namespace ccci::store
