# SPDX-License-Identifier: GPL-3.0-or-later
# Installs the files, generates man pages and completions with the program itself, and builds the
# Debian package. cc-ci searches for cc-ci-enter in its own directory and in ../lib/cc-ci.
include(GNUInstallDirs)

if(TARGET cc-ci AND TARGET cc-ci-enter)
  # libapt-pkg has no static archive in Debian, and its soname changes between releases. So it is
  # installed next to the launcher, and the program searches for it there first.
  # An RPATH and no RUNPATH: it counts for the libraries of the libraries too, which `cc-ci deploy`
  # brings to hosts. It is the same in the build directory, so the program is the same.
  set_target_properties(cc-ci PROPERTIES
    INSTALL_RPATH "$ORIGIN/../lib/cc-ci" BUILD_WITH_INSTALL_RPATH ON)
  target_link_options(cc-ci PRIVATE -Wl,--disable-new-dtags)
  find_library(CCCI_LIBAPT NAMES apt-pkg HINTS ${apt_LIBRARY_DIRS} REQUIRED)
  mark_as_advanced(CCCI_LIBAPT)
  file(REAL_PATH ${CCCI_LIBAPT} libapt)
  get_filename_component(soname ${libapt} NAME)
  string(REGEX REPLACE "\\.[0-9]+$" "" soname ${soname})
  install(PROGRAMS ${libapt} DESTINATION lib/cc-ci RENAME ${soname})

  install(TARGETS cc-ci RUNTIME DESTINATION bin)
  install(TARGETS cc-ci-enter RUNTIME DESTINATION lib/cc-ci)

  # Man pages and completions come from the tables that --help and the parser read.
  set(pages ${PROJECT_BINARY_DIR}/pages)
  add_custom_command(
    OUTPUT ${pages}/written
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${pages}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${pages}/bash ${pages}/zsh ${pages}/fish
    COMMAND $<TARGET_FILE:cc-ci> man --into ${pages}/man
    COMMAND $<TARGET_FILE:cc-ci> completion bash > ${pages}/bash/cc-ci
    COMMAND $<TARGET_FILE:cc-ci> completion zsh > ${pages}/zsh/_cc-ci
    COMMAND $<TARGET_FILE:cc-ci> completion fish > ${pages}/fish/cc-ci.fish
    COMMAND ${CMAKE_COMMAND} -E touch ${pages}/written
    DEPENDS cc-ci
    COMMENT "Writing man pages and completions"
    VERBATIM)
  add_custom_target(pages ALL DEPENDS ${pages}/written)
  install(DIRECTORY ${pages}/man/ DESTINATION share/man/man1 FILES_MATCHING PATTERN "*.1")
  install(DIRECTORY ${pages}/man/ DESTINATION share/man/man5 FILES_MATCHING PATTERN "*.5")
  install(FILES ${pages}/bash/cc-ci DESTINATION share/bash-completion/completions)
  install(FILES ${pages}/zsh/_cc-ci DESTINATION share/zsh/vendor-completions)
  install(FILES ${pages}/fish/cc-ci.fish DESTINATION share/fish/vendor_completions.d)
  install(FILES packaging/apparmor/cc-ci-enter packaging/apparmor/tunables-cc-ci
          DESTINATION share/cc-ci/apparmor)
  install(FILES README.md DESTINATION share/doc/cc-ci)
  install(DIRECTORY docs/ DESTINATION share/doc/cc-ci FILES_MATCHING PATTERN "*.md")
  install(DIRECTORY examples/cc-ci DESTINATION share/doc/cc-ci/examples
          PATTERN "cc-ci.lock" EXCLUDE PATTERN "results" EXCLUDE PATTERN "__pycache__" EXCLUDE
          PATTERN ".*" EXCLUDE)

  # debhelper is used and not CPack. So lintian, stripping, compression, symbols and the Depends line
  # come from the same tools as in Debian's own packages, and packaging/debian has the usual form.
  find_program(DPKG_BUILDPACKAGE dpkg-buildpackage)
  if(DPKG_BUILDPACKAGE)
    add_custom_target(deb
      COMMAND ${PROJECT_SOURCE_DIR}/packaging/build-deb ${PROJECT_BINARY_DIR} ${PROJECT_VERSION}
      DEPENDS cc-ci cc-ci-enter pages
      COMMENT "Building cc-ci.deb"
      USES_TERMINAL VERBATIM)
  endif()

  # Nobody needs a package with a sanitizer, so it is not tested.
  if(CCCI_TESTS AND NOT CCCI_SANITIZE)
    enable_testing()
    add_test(NAME package.deb
             COMMAND ${PROJECT_SOURCE_DIR}/packaging/check-deb ${PROJECT_BINARY_DIR}
                     ${PROJECT_VERSION})
    set_tests_properties(package.deb PROPERTIES LABELS package RESOURCE_LOCK deb TIMEOUT 900)
  endif()
endif()
