// SPDX-License-Identifier: GPL-3.0-or-later
// The archive files that were fetched and kept. Each is named by its digest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/package.hpp"

namespace ccci::store {

struct KeptArchive {
  std::string name;    // "SHA256.deb"
  std::string sha256;  // taken from the name
  std::uint64_t size = 0;
};

// Sorted by name. Skips other files in archives/, for example those of a running fetch.
// [base.open]
base::Result<std::vector<KeptArchive>> kept_archives(const Store& store);

// The archive from which a package object was made. Reads it from meta.json; if that file is
// damaged, searches the kept archives for one that gives this address. Returns nothing if the
// archive is not kept.
std::optional<PackageSource> source_of(const Store& store, const Address& address);

}  // namespace ccci::store
