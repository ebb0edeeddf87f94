// SPDX-License-Identifier: GPL-3.0-or-later
// One .deb or pinned archive into a directory.
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
  std::vector<std::string> dropped;  // "setuid usr/bin/su", "capability …"; sorted
};

// Makes root/ and, of a .deb, control/ in `directory`, which is empty. The content is that of the
// file with the sha256 given, or an error. Errors have the field `package`.
base::Result<Unpacked> unpack(const PackageSource& source, int directory, const Limits& limits);

// What goes into meta.json, but for what write_content() adds.
base::Json describe(const PackageSource& source, const Unpacked& unpacked);

}  // namespace ccci::store
