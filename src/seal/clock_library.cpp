// SPDX-License-Identifier: GPL-3.0-or-later
#include "seal/sealed_run.hpp"

// CMake compiles clock_library.c and passes the path of the result.
asm(".pushsection .rodata\n"
    "ccci_clock_begin:\n"
    ".incbin \"" CCCI_CLOCK_LIBRARY
    "\"\n"
    "ccci_clock_end:\n"
    ".popsection\n");

extern "C" {
extern const char ccci_clock_begin[];
extern const char ccci_clock_end[];
}

namespace ccci::seal {

std::string clock_library() { return {ccci_clock_begin, ccci_clock_end}; }

}  // namespace ccci::seal
