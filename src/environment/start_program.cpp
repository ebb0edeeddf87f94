// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/needs.hpp"

// The bytes of the built program (src/enter/needs.cpp). Every environment contains it, and its
// address depends on it, so it must come with this library and not from a file next to it.
// clang-format off
asm(".section .rodata\n"
    ".global ccci_start_program\n"
    "ccci_start_program:\n"
    ".incbin \"" CCCI_START_PROGRAM "\"\n"
    ".global ccci_start_program_end\n"
    "ccci_start_program_end:\n"
    ".byte 0\n"
    ".previous\n");
// clang-format on

extern "C" {
// NOLINTBEGIN(*-avoid-c-arrays): symbols of the assembler
extern const char ccci_start_program[];
extern const char ccci_start_program_end[];
// NOLINTEND(*-avoid-c-arrays)
}

namespace ccci::environment {

std::string_view start_program() {
  return {ccci_start_program,
          static_cast<std::size_t>(ccci_start_program_end - ccci_start_program)};
}

}  // namespace ccci::environment
