# SPDX-License-Identifier: GPL-3.0-or-later
if(CCCI_SANITIZE)
  add_compile_options(-fsanitize=${CCCI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CCCI_SANITIZE})
  # An environment has another /usr without these libraries, so they are linked statically. clang does
  # this by default.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    if(CCCI_SANITIZE MATCHES "address")
      add_link_options(-static-libasan)
    endif()
    if(CCCI_SANITIZE MATCHES "undefined")
      add_link_options(-static-libubsan)
    endif()
    if(CCCI_SANITIZE MATCHES "thread")
      add_link_options(-static-libtsan)
    endif()
  endif()
endif()
