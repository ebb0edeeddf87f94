// SPDX-License-Identifier: GPL-3.0-or-later
// The shared libraries that files need of which Debian does not vouch: those of wheels, of packages
// of npm, of other apt archives, and of pinned archives. Debian's own packages depend on the
// packages of their libraries.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "environment/elf.hpp"
#include "environment/part.hpp"
#include "store/store.hpp"

namespace ccci::environment {

// Whether the files of the package are checked.
bool has_checked_files(const source::Package& package);

// A program or library of a package, and what it needs.
struct Linked {
  std::string package;
  std::string path;  // in the root: "usr/lib/cc-ci/python/x/y.so"
  Elf elf;

  bool operator==(const Linked&) const = default;
};

// The programs and libraries of those parts that are checked. [base.*]
base::Result<std::vector<Linked>> linked_files(const store::Store& store,
                                               const std::vector<Part>& parts);

struct MissingLibrary {
  std::string library;
  std::string package;  // that needs it first
  std::string path;

  bool operator==(const MissingLibrary&) const = default;
};

// The libraries that the linker would not find, each once, sorted. It would search the file's own
// search path, the linker's directories, and, because a process may have loaded a library by
// another way before, the package itself with what it depends on. `absent`: names that are not
// missed. [base.*]
base::Result<std::vector<MissingLibrary>> missing_libraries(const store::Store& store,
                                                            const std::vector<Linked>& linked,
                                                            const std::vector<Part>& parts,
                                                            const std::vector<std::string>& absent);

// The names that the package of Debian with this library may have, the most likely first: by the
// rule of Debian's policy (8.1), and of libraries that do not follow it.
std::vector<std::string> library_packages(std::string_view library);

// [environment.missing-library]
base::Error missing_library(const MissingLibrary& missing);

// Whether the parts have every library that is needed. Names all that are missing.
// [environment.missing-library]
base::Result<void> check_libraries(const store::Store& store, const std::vector<Part>& parts,
                                   const std::vector<std::string>& absent);

}  // namespace ccci::environment
