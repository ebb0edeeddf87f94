# SPDX-License-Identifier: GPL-3.0-or-later
# ccci_room(NAME [SEES room...] [LINK library...]): the library ccci_NAME from src/NAME/**.cpp.
function(ccci_room name)
  cmake_parse_arguments(ROOM "" "" "SEES;LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  if(NOT sources)
    add_library(ccci_${name} INTERFACE)
    return()
  endif()
  add_library(ccci_${name} STATIC ${sources})
  target_include_directories(ccci_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM ROOM_SEES PREPEND ccci_)
  target_link_libraries(ccci_${name} PUBLIC ${ROOM_SEES} ${ROOM_LINK} PRIVATE ccci_warnings)
endfunction()
