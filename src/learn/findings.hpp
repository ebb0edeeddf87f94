// SPDX-License-Identifier: GPL-3.0-or-later
// What a declaration lacks for a traced command.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ccci::learn {

// Why something was found: the first command line that needed it, and the command line of its
// parent.
struct Why {
  std::string command;
  std::string by;

  bool operator==(const Why&) const = default;
};

// A name to add to `tools` or `python`.
struct Need {
  bool python = false;
  std::string name;
  std::string package;                // of Debian, or "pypi:NAME" of the package index
  std::vector<std::string> commands;  // sorted; empty for a module
  Why why;

  bool operator==(const Need&) const = default;
};

// A program that belongs to no package of this machine.
struct Outside {
  std::string command;
  std::string path;
  std::string sha256;  // of the file; empty if it could not be read
  Why why;
  std::string npm = {};  // the package of npm that has it; empty: none

  bool operator==(const Outside&) const = default;
};

// A command that was only called by its path.
struct Absolute {
  std::string path;
  std::string package;
  bool inside = false;  // the environment has the package
  Why why;

  bool operator==(const Absolute&) const = default;
};

// A command of a declared tool that the tool's rule in [packages] does not expose.
struct Hidden {
  std::string command;
  std::string tool;
  Why why;

  bool operator==(const Hidden&) const = default;
};

// Files that were opened and belong to a package that the declaration does not bring.
struct Opened {
  std::string package;
  std::size_t files = 0;
  std::string first;
  Why why;

  bool operator==(const Opened&) const = default;
};

// A command that was searched for in every directory of PATH and not found.
struct Missing {
  std::string command;
  std::string package;  // that contains it, of Debian or "npm:NAME"; empty if unknown
  Why why;

  bool operator==(const Missing&) const = default;
};

// A module of pip's that nobody says to be of the package index: no record of pip names it, or pip
// took it from an address or a directory. The index may have a stranger's project of that name.
struct UnknownModule {
  std::string name;
  std::string path;  // of the first of its files
  Why why;

  bool operator==(const UnknownModule&) const = default;
};

struct Findings {
  std::vector<Need> needs;
  std::vector<Outside> outside;
  std::vector<Hidden> hidden;
  std::vector<Absolute> absolute;
  std::vector<Opened> packages;  // to add: what was opened is below /usr and nothing else brings it
  std::vector<Opened> opened;    // of other packages
  std::vector<Missing> missing;
  std::vector<Need> npm_modules;  // of npm, without the packages of `outside`; "npm:NAME"
  std::vector<UnknownModule> unknown_modules;
  std::vector<std::string> unused;  // declared tools and modules that were not used

  std::vector<std::string> tools() const;   // to add
  std::vector<std::string> python() const;  // to add; from Debian
  std::vector<std::string> pypi() const;    // to add; from the package index
};

}  // namespace ccci::learn
