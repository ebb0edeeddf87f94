// SPDX-License-Identifier: GPL-3.0-or-later
// A locked package with the content of its object in the store: the input for composing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "source/package.hpp"
#include "store/env_scripts.hpp"
#include "store/manifest.hpp"
#include "store/package.hpp"
#include "store/store.hpp"

namespace ccci::environment {

struct Part {
  source::Package package;
  store::Address object;
  store::Manifest manifest;
  std::map<std::string, std::string> control;  // file name to text: control, scripts, triggers
  std::vector<store::EnvScript> env_scripts = {};
  // Of a package that `packages` declares, and of a tool without programs of its own: the
  // executable scripts outside of the directories of programs, path to text. A job calls them by
  // their paths.
  std::map<std::string, std::string> scripts = {};
  // Of a package of npm: its commands, each with its file in the object.
  std::map<std::string, std::string> commands = {};
  // Of a package with Playwright: its browsers.json, with the revisions that it looks for.
  std::string browsers = {};
  std::vector<store::Entry> info;  // every file of the object's control/
  // "setuid usr/bin/su": what files of the archive lost, and what the postinst would give them
  std::vector<std::string> dropped = {};
  std::string md5sums;  // its lines have the paths as in the archive
  // True for what maintainer scripts made (room `configure`). Its files replace those of packages.
  bool generated = false;
  std::vector<std::string> removed = {};            // paths that the scripts removed
  std::map<std::string, std::string> because = {};  // package to the command that wanted a run
  std::map<std::string, std::string> outcome = {};  // package to what happened; "": its script ran

  // A field of the control file, unfolded. Empty if the field is missing.
  std::string field(std::string_view name) const;
  // Whether `packages` of [runtime] names it.
  bool is_declared_package() const;
  // Whether `packages` or `tools` of [runtime] names it.
  bool is_declared() const;
  // The package; of generated files, a package whose script made them. For messages.
  std::string owner() const;
  // The names in a relationship field, without versions and architectures.
  std::vector<std::string> names_in(std::string_view field) const;
};

// The directory for the content of a pinned archive: "usr/lib/cc-ci/packages/NAME".
std::string archive_directory(const std::string& package);

// The directory for the content of a package of npm: "usr/lib/cc-ci/npm/node_modules/PLACE". What a
// lock of the project names is in "usr/lib/cc-ci/npm/project/", at its place in the project.
inline constexpr const char* npm_directory = "usr/lib/cc-ci/npm";
inline constexpr const char* npm_modules = "usr/lib/cc-ci/npm/node_modules";
inline constexpr const char* npm_project = "usr/lib/cc-ci/npm/project";
// The directory in a root below which the whole content of a package is: of pinned archives and
// packages of npm. Empty for other packages, whose paths are those in the root.
std::string own_directory(const source::Package& package);

// How the store makes the object of a locked package, from the file `archive`.
store::PackageSource package_source(const source::Package& package,
                                    const std::filesystem::path& archive = {});

// The address of the object of a locked package.
store::Address object_address(const source::Package& package);

// The newest time of a file of the packages. Files that cc-ci generates from them have this time.
std::int64_t newest_time(const Part& part);
std::int64_t newest_time(const std::vector<Part>& parts);

// Reads a part from an object that is no package: it has no control files.
base::Result<Part> read_generated(const store::Store& store, const store::Address& object);

// Reads the objects of the packages, in the same order. [store.unknown] if one is missing.
base::Result<std::vector<Part>> read_parts(const store::Store& store,
                                           const std::vector<source::Package>& packages);

}  // namespace ccci::environment
