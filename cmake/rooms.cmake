# SPDX-License-Identifier: GPL-3.0-or-later
# Reads src/rooms, which lists the rooms and the rooms that each may include.

# ccci_rooms(VARIABLE): sets VARIABLE to the names of all existing rooms, in include order.
# CCCI_SEES_<room> lists the rooms that each may include.
function(ccci_rooms variable)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/rooms)
  file(STRINGS ${PROJECT_SOURCE_DIR}/src/rooms lines REGEX "^[a-z]+:")
  set(rooms "")
  foreach(line ${lines})
    string(REGEX MATCH "^([a-z]+):(.*)$" unused "${line}")
    set(name ${CMAKE_MATCH_1})
    string(REGEX MATCHALL "[a-z]+" sees "${CMAKE_MATCH_2}")
    list(APPEND rooms ${name})
    set(CCCI_SEES_${name} "${sees}" PARENT_SCOPE)
  endforeach()
  set(${variable} ${rooms} PARENT_SCOPE)
endfunction()

# ccci_room(NAME [LINK library...] [HIDES library...]): the library ccci_NAME from src/NAME/**.cpp.
# It links the rooms that src/rooms allows it to include, and no others. HIDES: libraries that only
# its own sources can include.
function(ccci_room name)
  cmake_parse_arguments(ROOM "" "" "LINK;HIDES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(ccci_${name} STATIC ${sources})
  target_include_directories(ccci_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM CCCI_SEES_${name} PREPEND ccci_ OUTPUT_VARIABLE sees)
  target_link_libraries(ccci_${name} PUBLIC ${sees} ${ROOM_LINK} PRIVATE ${ROOM_HIDES} ccci_warnings)
  ccci_compile_fast(ccci_${name} ccci_precompiled)
endfunction()
