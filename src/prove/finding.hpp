// SPDX-License-Identifier: GPL-3.0-or-later
// What the readers of second declarations find: a place in the repository that says which tools
// something needs, beside the declaration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccci::prove {

// A place in a file; both count from 1, the column in bytes.
struct Place {
  int line = 1;
  int column = 1;

  bool operator==(const Place&) const = default;
};

enum class Kind {
  nix_list,         // runtimeInputs, systemPackages, a unit's path, `with pkgs; [ … ]`
  nix_python,       // withPackages
  install_command,  // apt-get install and its kin, in scripts, images and workflows
  setup_action,     // a workflow step that installs a tool
  package_task,     // Ansible
  version_file,     // .tool-versions, mise.toml, devbox.json
  path,             // a PATH of its own
};

std::string_view name(Kind kind);

// Where the host's directories stand in a PATH: before the inherited value, behind it, or instead.
enum class Side { none, front, back, whole };

struct Mention {
  std::string name;     // as written, without version; "$NAME" where the name is not in the file
  bool module = false;  // a Python module
  Place at;

  bool operator==(const Mention&) const = default;
};

struct Finding {
  std::string file;
  int line = 1;
  int column = 1;
  Kind kind = Kind::install_command;
  std::string what;  // "runtimeInputs", "apt-get install", "PATH"
  std::vector<Mention> tools;
  Side side = Side::none;                // of kind path
  std::vector<std::string> directories;  // of kind path: the host's, in order
  // A list that need not be one of tools (any `with pkgs; [ … ]`) counts only where it repeats one.
  bool certain = true;
  std::string excerpt;  // the line, trimmed and bounded

  bool operator==(const Finding&) const = default;
};

// A file of the repository, as bytes.
struct File {
  std::string path;  // relative to the repository, '/' between names
  std::string text;
};

// What one file says. `obstacle` tells why the file, or part of it, could not be read; a proof that
// rests on it is then unproven.
struct Reading {
  std::string file;
  std::vector<Finding> findings;
  std::string obstacle;
};

inline constexpr std::size_t largest_file = 4UL << 20U;  // bytes; a longer one is an obstacle

}  // namespace ccci::prove
