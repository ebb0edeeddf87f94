// SPDX-License-Identifier: GPL-3.0-or-later
// Unpacks a package of the npm registry: a gzipped tar with one directory above all files.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/budget.hpp"
#include "store/unpack.hpp"

namespace ccci::store {

// The commands that package.json names, with their files: {"tsc": "bin/tsc"}. Commands that cannot
// be a file on PATH, and files outside of the package, are left out, as npm does.
std::map<std::string, std::string> npm_commands(std::string_view package_json);

// The files get places without the directory above them: package/bin/x is root/bin/x. The files of
// commands are executable. Links are refused: npm never packs one. package.json must have the name
// and version that the lock names. [store.npm-form], [store.archive-form], and the errors of
// TreeWriter.
base::Result<Unpacked> unpack_npm(int file, const PackageSource& source, int root, Budget& budget);

}  // namespace ccci::store
