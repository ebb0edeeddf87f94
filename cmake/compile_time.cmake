# SPDX-License-Identifier: GPL-3.0-or-later
# Makes a build from scratch fast: the standard headers are parsed once for all rooms, and a few
# sources of a room are compiled as one. bench/compile measures it. The other presets do not use
# this, so that a source with a missing include fails there.
option(CCCI_FAST_COMPILE "precompiled headers, and several sources compiled as one" OFF)

if(CCCI_FAST_COMPILE)
  add_library(ccci_precompiled OBJECT ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
  target_link_libraries(ccci_precompiled PRIVATE ccci_warnings)
  target_precompile_headers(ccci_precompiled PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp)
endif()

# ccci_compile_fast(TARGET PRECOMPILED): TARGET uses the headers of PRECOMPILED and compiles its
# sources in small batches. A larger batch makes a whole build faster, but a build after a change in
# one source slower. Names in the anonymous namespaces of a room must differ.
function(ccci_compile_fast target precompiled)
  if(CCCI_FAST_COMPILE)
    target_precompile_headers(${target} REUSE_FROM ${precompiled})
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 5)
  endif()
endfunction()
