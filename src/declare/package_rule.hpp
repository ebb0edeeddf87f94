// SPDX-License-Identifier: GPL-3.0-or-later
// The origin of packages: the content of [packages.NAME] and [sources.debian].
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "declare/name.hpp"

namespace ccci::declare {

// [packages.NAME] without `url` and `file`: a Debian package.
struct DebianPackage {
  std::string name;         // from `debian`; empty: that of the tool or Python module
  bool recommends = false;  // with the packages that it recommends

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

// A command that a tool exposes. `path` is the program. For a pinned archive it is relative. For a
// Debian package it is absolute, or empty (the program is then looked up by name).
struct CommandRule {
  std::string name;
  std::string path;

  bool operator==(const CommandRule&) const = default;
};

struct PackageRule {
  Name name;
  std::variant<DebianPackage, PinnedArchive> from;
  std::optional<std::vector<CommandRule>> commands;  // unset: all commands of the package

  bool operator==(const PackageRule&) const = default;
};

// [sources.debian]. For empty members, the machine's own configuration is used.
struct DebianSource {
  std::string suite;
  std::string uri;
  std::vector<std::string> components;
  std::string signed_by;  // path of a keyring

  bool operator==(const DebianSource&) const = default;
};

}  // namespace ccci::declare
