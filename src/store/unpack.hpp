// SPDX-License-Identifier: GPL-3.0-or-later
// Unpacks one .deb or pinned archive into a directory.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "store/manifest.hpp"
#include "store/package.hpp"

namespace ccci::store {

struct Unpacked {
  Manifest manifest;                 // of root/
  base::Digest digest;               // of the manifest
  std::vector<std::string> dropped;  // "setuid usr/bin/su", "capability …"; sorted
};

// Makes root/ in the empty `directory`, and control/ for a .deb. With Times::own, root/ has its
// final modes and times. Returns an error if the file does
// not have the given sha256. Errors have the field `package`.
base::Result<Unpacked> unpack(const PackageSource& source, int directory, const Limits& limits);

// The content of meta.json without the members that write_content() adds.
base::Json describe(const PackageSource& source, const Unpacked& unpacked);

}  // namespace ccci::store
