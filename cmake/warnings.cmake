# SPDX-License-Identifier: GPL-3.0-or-later
add_library(ccci_warnings INTERFACE)
target_compile_options(ccci_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough)
# libapt's iterators compare as C++17 had it.
target_compile_options(ccci_warnings INTERFACE
  $<$<CXX_COMPILER_ID:Clang>:-Wno-ambiguous-reversed-operator>)
# Only for the compiler that the checks run with: another one's new warning must not keep anybody
# from building.
option(CCCI_WERROR "warnings of g++ 12 are errors" OFF)
if(CCCI_WERROR AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU"
   AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12
   AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 takes the value of an expected that holds an error for one that is read.
  target_compile_options(ccci_warnings INTERFACE -Werror -Wno-error=maybe-uninitialized)
endif()

# It reads archives of strangers as root. What dpkg-buildflags gives, for builds without it; the
# launcher, which has no libc, takes none of it (src/enter). Sanitizers bring their own.
if(NOT CCCI_SANITIZE)
  add_compile_options("$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>"
                      "$<$<NOT:$<CONFIG:Debug>>:-fstack-protector-strong>")
  add_link_options("$<$<NOT:$<CONFIG:Debug>>:LINKER:-z,relro,-z,now>")
endif()
