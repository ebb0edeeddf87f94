// SPDX-License-Identifier: GPL-3.0-or-later
// An environment: a closed root composed of package objects, its commands on PATH, and its
// variables. Composing only returns a plan (a value). Only build() writes to disk.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/manifest.hpp"
#include "store/store.hpp"

namespace ccci::environment {

// A command on PATH and the program behind it, as seen inside.
struct Command {
  std::string name;
  std::string target;   // "/usr/bin/git"
  std::string package;  // the package that owns the target, or that provides the alternative
  // The package whose directory of needs the program gets at the end of its PATH (needs.hpp). Empty
  // if the command is a plain link to the program.
  std::string needs = {};
  // "setuid", "setgid", "capability": the right that the program's file has in its package and not
  // here. Empty: none.
  std::string lost = {};

  bool operator==(const Command&) const = default;
};

// One directory on PATH: for a declared tool, or for "essential".
struct Exposed {
  std::string tool;
  std::string package;
  std::string version;
  std::string directory;          // "/usr/lib/cc-ci/path/git"
  std::vector<Command> commands;  // sorted by name

  bool operator==(const Exposed&) const = default;
};

// A maintainer script that was not run, and what replaces it.
struct Script {
  std::string package;
  std::string name;       // "postinst", "triggers", …
  std::string stands_in;  // its replacement: "alternatives: awk"; empty if there is none

  bool operator==(const Script&) const = default;
};

struct Environment {
  store::Address address;        // address.hash is the value of CC_CI_ENVIRONMENT
  std::string digest;            // Merkle digest of the root, 64 hex digits
  std::string path;              // of the object
  std::string root;              // path + "/root"
  std::string set;               // "shared" or a host's name
  std::vector<Exposed> exposed;  // in PATH order
  std::map<std::string, std::string> variables;
  std::vector<std::string>
      places;                   // "var/lib/dpkg": come from the root, like /usr and /etc; sorted
  std::vector<Script> scripts;  // sorted; load() leaves it empty
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;

  std::vector<std::string> paths() const;  // the directories of `exposed`

  bool operator==(const Environment&) const = default;
};

}  // namespace ccci::environment
