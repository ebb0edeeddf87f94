# SPDX-License-Identifier: GPL-3.0-or-later
add_library(ccci_warnings INTERFACE)
target_compile_options(ccci_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough)
option(CCCI_WERROR "warnings are errors" OFF)
if(CCCI_WERROR)
  target_compile_options(ccci_warnings INTERFACE -Werror)
endif()
