# SPDX-License-Identifier: GPL-3.0-or-later
# Every dependency is a Debian package. ARCHITECTURE.md gives the reason for each one. Most are linked
# statically, because the program must also run on another Debian release than it was built on.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
set(OPENSSL_USE_STATIC_LIBS TRUE)
find_package(OpenSSL 3 REQUIRED)
find_package(nlohmann_json REQUIRED)
# Only the headers are used: the package's target would link the shared library.
find_path(CCCI_TOML_INCLUDE NAMES toml++/toml.h REQUIRED)
mark_as_advanced(CCCI_TOML_INCLUDE)
find_package(tl-expected REQUIRED)
# Headers only; src/engine/http.cpp is the one source that includes them.
find_path(CCCI_BEAST_INCLUDE NAMES boost/beast/http.hpp REQUIRED)
mark_as_advanced(CCCI_BEAST_INCLUDE)
pkg_check_modules(apt REQUIRED IMPORTED_TARGET apt-pkg)

# ccci_archive(TARGET FILE HEADER [library...]): the static library FILE and the libraries that it
# needs itself.
function(ccci_archive target file header)
  string(MAKE_C_IDENTIFIER ${file} id)
  find_library(CCCI_${id} NAMES ${file} REQUIRED)
  find_path(CCCI_${id}_INCLUDE NAMES ${header} REQUIRED)
  mark_as_advanced(CCCI_${id} CCCI_${id}_INCLUDE)
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${CCCI_${id}}
    INTERFACE_INCLUDE_DIRECTORIES ${CCCI_${id}_INCLUDE})
  target_link_libraries(${target} INTERFACE ${ARGN})
endfunction()

# The compressors stay shared: libapt-pkg loads them anyway, and their sonames stay the same over many
# releases.
ccci_archive(ccci_nettle libnettle.a nettle/version.h)
ccci_archive(LibArchive::LibArchive libarchive.a archive.h ccci_nettle z bz2 lzma lz4 zstd)
ccci_archive(PkgConfig::yaml libyaml.a yaml.h)
ccci_archive(ccci_sqlite libsqlite3.a sqlite3.h m)
# Only the headers: the library is loaded when it is needed.
find_path(CCCI_LIBPQ_INCLUDE NAMES libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
mark_as_advanced(CCCI_LIBPQ_INCLUDE)
add_library(ccci_libpq_headers INTERFACE)
target_include_directories(ccci_libpq_headers SYSTEM INTERFACE ${CCCI_LIBPQ_INCLUDE})
