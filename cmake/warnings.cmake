# SPDX-License-Identifier: GPL-3.0-or-later
add_library(ccci_warnings INTERFACE)
target_compile_options(ccci_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough)
# libapt's iterators have comparison operators in the style of C++17.
target_compile_options(ccci_warnings INTERFACE
  $<$<CXX_COMPILER_ID:Clang>:-Wno-ambiguous-reversed-operator>)
# Only for the compiler of the checks: a new warning of another compiler must not prevent a build.
option(CCCI_WERROR "warnings of g++ 12 are errors" OFF)
if(CCCI_WERROR AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU"
   AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12
   AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False positive of g++ 12: it reports the value of an expected with an error as read uninitialized.
  target_compile_options(ccci_warnings INTERFACE -Werror -Wno-error=maybe-uninitialized)
endif()

# Hardening, because cc-ci reads untrusted archives as root. These are the options of dpkg-buildflags,
# for builds without it. The launcher has no libc and uses none of them (src/enter). Sanitizers have
# their own checks.
if(NOT CCCI_SANITIZE)
  add_compile_options("$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>"
                      "$<$<NOT:$<CONFIG:Debug>>:-fstack-protector-strong>")
  add_link_options("$<$<NOT:$<CONFIG:Debug>>:LINKER:-z,relro,-z,now>")
endif()
