// SPDX-License-Identifier: GPL-3.0-or-later
// Where packages come from: what [packages.NAME] and [sources.debian] say.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "declare/name.hpp"

namespace ccci::declare {

// [packages.NAME] with `debian`: the Debian package behind a tool or python module of another name.
struct DebianPackage {
  std::string name;

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

// A command that a tool exposes. `path` is the program: within a pinned archive a relative path,
// for a Debian package empty (looked up by name) or absolute.
struct CommandRule {
  std::string name;
  std::string path;

  bool operator==(const CommandRule&) const = default;
};

struct PackageRule {
  Name name;
  std::variant<DebianPackage, PinnedArchive> from;
  std::optional<std::vector<CommandRule>> commands;  // unset: every command of the package

  bool operator==(const PackageRule&) const = default;
};

// [sources.debian]. Empty members: the machine's own configuration decides.
struct DebianSource {
  std::string suite;
  std::string uri;
  std::vector<std::string> components;
  std::string signed_by;  // path of a keyring

  bool operator==(const DebianSource&) const = default;
};

}  // namespace ccci::declare
