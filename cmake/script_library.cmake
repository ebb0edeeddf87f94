# SPDX-License-Identifier: GPL-3.0-or-later
# Compiles the library that maintainer scripts are run with, and embeds it into cc-ci. It has no
# debug information and no build id, so its bytes are the same in every build directory.
set(script_library ${PROJECT_BINARY_DIR}/script.so)
set(script_sources ${PROJECT_SOURCE_DIR}/src/seal/script_clock.c
                   ${PROJECT_SOURCE_DIR}/src/seal/script_directories.c)
# g++ takes the language from `-x` for the next source only.
add_custom_command(
  OUTPUT ${script_library}
  COMMAND ${CMAKE_CXX_COMPILER} -std=c11 -O2 -g0 -fPIC -shared -nostdlib -fno-builtin
          -fno-stack-protector -fno-asynchronous-unwind-tables -U_FORTIFY_SOURCE
          -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--hash-style=both -o ${script_library}
          -x c ${PROJECT_SOURCE_DIR}/src/seal/script_clock.c -x c ${PROJECT_SOURCE_DIR}/src/seal/script_directories.c
  DEPENDS ${script_sources} ${PROJECT_SOURCE_DIR}/src/seal/system_call.h
  VERBATIM)
add_custom_target(ccci_script_library DEPENDS ${script_library})
add_dependencies(ccci_seal ccci_script_library)
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/seal/script_library.cpp PROPERTIES
  COMPILE_DEFINITIONS CCCI_SCRIPT_LIBRARY="${script_library}"
  OBJECT_DEPENDS ${script_library}
  SKIP_UNITY_BUILD_INCLUSION ON)
