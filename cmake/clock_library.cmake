# SPDX-License-Identifier: GPL-3.0-or-later
# Compiles the library that maintainer scripts are run with, and embeds it into cc-ci. It has no
# debug information and no build id, so its bytes are the same in every build directory.
set(clock_library ${PROJECT_BINARY_DIR}/clock.so)
set(clock_source ${PROJECT_SOURCE_DIR}/src/seal/clock_library.c)
add_custom_command(
  OUTPUT ${clock_library}
  COMMAND ${CMAKE_CXX_COMPILER} -x c -std=c11 -O2 -g0 -fPIC -shared -nostdlib -fno-builtin
          -fno-stack-protector -fno-asynchronous-unwind-tables -U_FORTIFY_SOURCE
          -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--hash-style=both -o ${clock_library} ${clock_source}
  DEPENDS ${clock_source}
  VERBATIM)
add_custom_target(ccci_clock_library DEPENDS ${clock_library})
add_dependencies(ccci_seal ccci_clock_library)
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/seal/clock_library.cpp PROPERTIES
  COMPILE_DEFINITIONS CCCI_CLOCK_LIBRARY="${clock_library}"
  OBJECT_DEPENDS ${clock_library}
  SKIP_UNITY_BUILD_INCLUSION ON)
