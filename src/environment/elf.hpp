// SPDX-License-Identifier: GPL-3.0-or-later
// What a program or shared library says about the libraries that it needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::environment {

struct Elf {
  std::vector<std::string> needed;  // DT_NEEDED
  std::vector<std::string> search;  // directories of DT_RUNPATH or DT_RPATH, as written

  bool operator==(const Elf&) const = default;
};

// Reads `size` bytes at an offset; false if the file does not have them.
using ReadAt = std::function<bool(std::uint64_t offset, char* into, std::size_t size)>;

// Nothing if it is no ELF file that this machine's Linux with glibc could load: packages also bring
// files for other machines, systems and C libraries. Tables that lead outside of it have no
// content.
std::optional<Elf> read_elf(const ReadAt& read);
std::optional<Elf> read_elf(std::string_view bytes);
// Reads only the parts that matter, at any size.
std::optional<Elf> read_elf(int file);

}  // namespace ccci::environment
