// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/bringing.hpp"

// clang-format off
asm(".section .rodata\n"
    ".global ccci_bring_script\n"
    "ccci_bring_script:\n"
    ".incbin \"" CCCI_BRING_SCRIPT "\"\n"
    ".global ccci_bring_script_end\n"
    "ccci_bring_script_end:\n"
    ".byte 0\n"
    ".previous\n");
// clang-format on

extern "C" {
// NOLINTBEGIN(*-avoid-c-arrays): symbols of the assembler
extern const char ccci_bring_script[];
extern const char ccci_bring_script_end[];
// NOLINTEND(*-avoid-c-arrays)
}

namespace ccci::deploy {

std::string_view bring_script() {
  return {ccci_bring_script, static_cast<std::size_t>(ccci_bring_script_end - ccci_bring_script)};
}

}  // namespace ccci::deploy
