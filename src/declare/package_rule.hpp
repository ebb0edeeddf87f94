// SPDX-License-Identifier: GPL-3.0-or-later
// The origin of a package: the content of [packages.NAME].
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "declare/name.hpp"

namespace ccci::declare {

// [packages.NAME] without `url` and `file`: a Debian package.
struct DebianPackage {
  std::string name;         // from `debian`; empty: that of the tool or Python module
  bool recommends = false;  // with the packages that it recommends
  Name source = {};         // [sources.NAME]; empty: Debian
  Name suite = {};          // empty: any suite that supplies packages without being asked
  Name version = {};        // exact, or a pattern with '*'; empty: any

  bool is_chosen() const {
    return !source.text.empty() || !suite.text.empty() || !version.text.empty();
  }
  bool operator==(const DebianPackage&) const = default;
};

// [packages.NAME] with `url` or `file`, and `sha256`: an archive pinned by content. `file` is
// relative to the declaration's directory.
struct PinnedArchive {
  std::string url;  // exactly one of url and file is set
  std::string file;
  std::string sha256;  // 64 lower-case hex digits

  bool operator==(const PinnedArchive&) const = default;
};

// [packages.NAME] with `pypi`: a project of the Python package index.
struct PypiPackage {
  std::string name;     // as written; pypi_package() makes the name in the lock
  std::string version;  // ">=1.50", "1.9.*"; empty: any

  bool operator==(const PypiPackage&) const = default;
};

// The name of a project of the index in the lock: "pypi:pytest-playwright" for "PyTest_Playwright".
// The index takes names for the same if they differ in case, '-', '_' and '.' only (PEP 503).
std::string pypi_package(std::string_view name);

// [packages.NAME] with `npm`: a package of the npm registry, or what a lock of npm in the project
// names.
struct NpmPackage {
  std::string name;     // "prettier", "@scope/name"; empty: from a lock
  std::string version;  // ">=3", "3.*"; empty: any
  Name lock = {};       // "web/package-lock.json": a file of the project; empty: from the registry
  std::vector<std::string> scripts = {};  // packages whose lifecycle scripts run; sorted

  bool operator==(const NpmPackage&) const = default;
};

// The place in the lock of what a lock of npm names, without "npm:": "./web/node_modules/" for
// "web/package-lock.json". It begins with "./", as no package of the registry does.
std::string npm_place(std::string_view lock);
// The package.json beside a lock of npm.
std::string npm_description(std::string_view lock);

// A command that a tool exposes. `path` is the program. For a pinned archive it is relative. For a
// Debian package it is absolute, or empty (the program is then looked up by name).
struct CommandRule {
  std::string name;
  std::string path;

  bool operator==(const CommandRule&) const = default;
};

struct PackageRule {
  Name name;
  std::variant<DebianPackage, PinnedArchive, PypiPackage, NpmPackage> from;
  std::optional<std::vector<CommandRule>> commands;  // unset: all commands of the package

  bool operator==(const PackageRule&) const = default;
};

}  // namespace ccci::declare
