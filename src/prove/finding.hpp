// SPDX-License-Identifier: GPL-3.0-or-later
// Findings of the readers of second declarations: a place in the repository, other than the
// declaration, that says which tools something needs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccci::prove {

// A place in a file. Both numbers count from 1; the column counts bytes.
struct Place {
  int line = 1;
  int column = 1;

  bool operator==(const Place&) const = default;
};

enum class Kind {
  nix_list,         // runtimeInputs, systemPackages, a unit's path, `with pkgs; [ … ]`
  nix_python,       // withPackages
  install_command,  // apt-get install and the like, in scripts, images and workflows
  setup_action,     // a workflow step that installs a tool
  package_task,     // Ansible
  version_file,     // .tool-versions, mise.toml, devbox.json
  requirements,     // requirements.txt, pyproject.toml, package.json
  path,             // a PATH of its own
};

std::string_view name(Kind kind);

// Where a PATH has the host's directories: before the inherited value, after it, or instead of it.
enum class Side { none, front, back, whole };

struct Mention {
  std::string name;     // as written, without version; "$NAME" if the file does not have the name
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
  // A list that may have another meaning (any `with pkgs; [ … ]`) is not certain. It counts only if
  // it repeats a declared tool.
  bool certain = true;
  std::string excerpt;  // the line, trimmed and shortened

  bool operator==(const Finding&) const = default;
};

// A file of the repository, as bytes.
struct File {
  std::string path;  // relative to the repository, '/' between names
  std::string text;
};

// The content of one file. `unavailable` says why the file, or part of it, could not be read. Then
// a proof that needs the file is unproven.
struct Reading {
  std::string file;
  std::vector<Finding> findings;
  std::string unavailable;
};

inline constexpr std::size_t largest_file = 4UL << 20U;  // bytes; a longer file is an unavailable

}  // namespace ccci::prove
