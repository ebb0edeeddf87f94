// SPDX-License-Identifier: GPL-3.0-or-later
// An environment: a closed root composed of package objects, what of it stands on PATH, and its
// variables. Composing yields a plan (a value); only build() acts.
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
  std::string package;  // the package that owns the target (or the alternative's)

  bool operator==(const Command&) const = default;
};

// One directory on PATH: a declared tool's, or "essential".
struct Exposed {
  std::string tool;
  std::string package;
  std::string version;
  std::string directory;          // "/usr/lib/cc-ci/path/git"
  std::vector<Command> commands;  // sorted by name

  bool operator==(const Exposed&) const = default;
};

// A maintainer script that was not run, and what stands in for it.
struct Script {
  std::string package;
  std::string name;       // "postinst", "triggers", …
  std::string stands_in;  // "alternatives: awk"; empty where nothing does

  bool operator==(const Script&) const = default;
};

struct Environment {
  store::Address address;        // address.hash is what CC_CI_ENVIRONMENT holds
  std::string digest;            // Merkle digest of the root, 64 hex digits
  std::string path;              // of the object
  std::string root;              // path + "/root"
  std::string set;               // "shared" or a host's name
  std::vector<Exposed> exposed;  // in PATH order
  std::map<std::string, std::string> variables;
  std::vector<std::string> etc;  // names below /etc that come from the root; sorted
  std::vector<Script> scripts;   // sorted; empty as load() gives it
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;

  std::vector<std::string> paths() const;  // the directories of `exposed`

  bool operator==(const Environment&) const = default;
};

}  // namespace ccci::environment
