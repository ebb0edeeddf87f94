// SPDX-License-Identifier: GPL-3.0-or-later
// Package objects: the files of one .deb, wheel or pinned archive, unpacked once and normalised.
//
//   root/       the files in merged-/usr form (bin/x is usr/bin/x), modes 644 or 755, setuid and
//               setgid bits dropped, the archive's times, no devices, no sockets
//   env-scripts the files that /usr/bin/env starts (store/env_scripts.hpp)
//   control/    of a .deb: control, md5sums, conffiles, maintainer scripts, triggers
//   manifest    of root/ (store/manifest.hpp)
//   meta.json   {"name","version","digest","bytes","dropped":["setuid usr/bin/su", …]}
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "store/manifest.hpp"
#include "store/store.hpp"

namespace ccci::store {

enum class Format { deb, archive, wheel, npm };  // archive: tar, zip, or a bare program
std::string_view format_name(Format format);
Format read_format(std::string_view name);  // deb if it is none of the others

struct PackageSource {
  std::string name;
  std::string version;
  std::string sha256;  // of the file; checked during reading [store.archive-corrupt]
  std::filesystem::path file;
  Format format = Format::deb;
  Times times = Times::own;  // fixed: an older object, to be repaired
};

Address package_address(const PackageSource& source);

// Limits for one .deb. Each limit has its own code ([store.bomb], …).
struct Limits {
  std::uint64_t entries = 500'000;
  std::uint64_t bytes = 8ULL << 30U;  // unpacked
  std::uint64_t ratio = 2000;         // unpacked to packed, beyond the first 64 MB
  std::size_t path_length = 4096;
  std::size_t depth = 64;
};

// Packages that are made before all others, because other work waits for them.
struct Early {
  std::set<Address> objects;
  // Called once, when the last of `objects` was published, on a thread of its own while the other
  // packages are unpacked; add_packages() waits for its end. Not called if none of them was
  // missing, if one failed, or if the system allows no more threads: it may only save time.
  std::function<void()> then;
};

// Makes the missing objects in parallel, the largest first. If some fail, the others are published
// all the same, and the Error lists every failure (by package and archive member).
base::Result<void> add_packages(Store& store, const std::vector<PackageSource>& sources,
                                base::Progress& progress, unsigned threads = 0,
                                const Limits& limits = {}, const Early& early = {});

// The manifest of a published object. [store.unknown], [store.manifest]
base::Result<Manifest> package_manifest(const Store& store, const Address& address);
// A file of control/, at most 16 MiB. Empty if the file does not exist.
base::Result<std::string> control_file(const Store& store, const Address& address,
                                       const std::string& name);

}  // namespace ccci::store
