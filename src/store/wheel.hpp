// SPDX-License-Identifier: GPL-3.0-or-later
// Unpacks a wheel (a zip of the Python package index) into the places that an environment has for
// Python modules.
//
//   NAME/…                        usr/lib/cc-ci/python/lib/NAME/…
//   X.data/purelib/, platlib/     the same
//   X.data/scripts/NAME           usr/lib/cc-ci/python/bin/NAME
//   console_scripts               a generated usr/lib/cc-ci/python/bin/NAME
//   X.data/data/share/…           usr/share/…; other places of `data` are left out
//   X.data/headers/…              left out
//
// Rejected: /usr/local, where pip of Debian installs. Units of systemd replace it by an empty
// directory, because the project of a job may lie there. Rejected: Debian's dist-packages, because
// a module of the index may replace one of Debian, and both would be one file.
#pragma once

#include "base/result.hpp"
#include "store/budget.hpp"
#include "store/unpack.hpp"

namespace ccci::store {

inline constexpr const char* python_modules = "usr/lib/cc-ci/python/lib";
inline constexpr const char* python_programs = "usr/lib/cc-ci/python/bin";

// `file` is a regular file whose digest was already checked. [store.wheel-form] if it is no wheel,
// or one of another project or version than `source` says; [store.wheel-record] if its content
// differs from its own list of digests; [store.wheel-script] for a command that cannot be made.
// Also returns the errors of TreeWriter and write_members().
base::Result<Unpacked> unpack_wheel(int file, const PackageSource& source, int root,
                                    Budget& budget);

}  // namespace ccci::store
