// SPDX-License-Identifier: GPL-3.0-or-later
// The shared libraries that the programs of wheels need.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "environment/part.hpp"
#include "store/store.hpp"

namespace ccci::python {

// The names in DT_NEEDED of a 64-bit little-endian ELF file. Nothing if it is no such file, or if
// its tables lead outside of it.
std::optional<std::vector<std::string>> needed_libraries(std::string_view elf);

// The package of Debian that has the library, by the rule of Debian's policy (8.1).
std::string library_package(std::string_view library);

// Whether the parts have every library that a file of a wheel needs. Names all that are missing,
// each with its package. [python.missing-library]
base::Result<void> check_libraries(const store::Store& store,
                                   const std::vector<environment::Part>& parts);

}  // namespace ccci::python
