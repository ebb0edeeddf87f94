// SPDX-License-Identifier: GPL-3.0-or-later
#include "seal/sealed_run.hpp"

// CMake compiles script_clock.c and script_directories.c into one library and passes the path of
// the result.
asm(".pushsection .rodata\n"
    "ccci_script_library_begin:\n"
    ".incbin \"" CCCI_SCRIPT_LIBRARY
    "\"\n"
    "ccci_script_library_end:\n"
    ".popsection\n");

extern "C" {
extern const char ccci_script_library_begin[];
extern const char ccci_script_library_end[];
}

namespace ccci::seal {

std::string script_library() { return {ccci_script_library_begin, ccci_script_library_end}; }

}  // namespace ccci::seal
