# SPDX-License-Identifier: GPL-3.0-or-later
# Every dependency is a Debian package; its reason stands in ARCHITECTURE.md.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(LibArchive REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(tl-expected REQUIRED)
pkg_check_modules(apt REQUIRED IMPORTED_TARGET apt-pkg)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
