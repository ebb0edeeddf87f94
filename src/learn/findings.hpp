// SPDX-License-Identifier: GPL-3.0-or-later
// What a declaration would need for a command that was followed: a pure function over what was
// seen, what dpkg knows here and what the environment offers.
#pragma once

#include <string>
#include <vector>

#include "declare/declaration.hpp"
#include "learn/host_packages.hpp"
#include "learn/inside.hpp"
#include "learn/observation.hpp"

namespace ccci::learn {

// Why something was found: the first command line that needed it, and who ran that.
struct Why {
  std::string command;
  std::string by;

  bool operator==(const Why&) const = default;
};

// A name to add to `tools` or `python`.
struct Need {
  bool python = false;
  std::string name;
  std::string package;                // of Debian
  std::vector<std::string> commands;  // sorted; of a module empty
  Why why;

  bool operator==(const Need&) const = default;
};

// A program that no package of this machine has.
struct Outside {
  std::string command;
  std::string path;
  std::string sha256;  // of the file; empty where it could not be read
  Why why;

  bool operator==(const Outside&) const = default;
};

// A command that was never called by its name.
struct Absolute {
  std::string path;
  std::string package;
  bool inside = false;  // the environment's root has the package
  Why why;

  bool operator==(const Absolute&) const = default;
};

// A declared tool has the command, and its rule does not show it.
struct Hidden {
  std::string command;
  std::string tool;
  Why why;

  bool operator==(const Hidden&) const = default;
};

// Files were opened that a package has which nothing declared brings.
struct Opened {
  std::string package;
  std::size_t files = 0;
  std::string first;
  Why why;

  bool operator==(const Opened&) const = default;
};

// A command that was looked for in every directory of PATH, in vain.
struct Missing {
  std::string command;
  std::string package;  // that has it, where that is known
  Why why;

  bool operator==(const Missing&) const = default;
};

struct Findings {
  std::vector<Need> needs;
  std::vector<Outside> outside;
  std::vector<Hidden> hidden;
  std::vector<Absolute> absolute;
  std::vector<Opened> opened;
  std::vector<Missing> missing;
  std::vector<std::string> unused;  // declared tools and modules that were not used

  std::vector<std::string> tools() const;   // to add
  std::vector<std::string> python() const;  // to add
};

// `project`: directory of the declaration; what lies below it comes with it.
Findings analyse(const declare::Declaration& declaration, const Inside& inside,
                 const HostPackages& host, const Trace& trace,
                 const std::vector<std::string>& path_directories, const std::string& project);

// The commands that were looked for in each of the directories and found in none. `package` is
// filled from the host's /usr/bin and its like.
std::vector<Missing> missing_commands(const Trace& trace,
                                      const std::vector<std::string>& path_directories,
                                      const HostPackages& host);

// The paths whose owner analyse() will ask for: what to hand to ask_host().
std::vector<std::string> paths_to_ask(const Trace& trace,
                                      const std::vector<std::string>& path_directories);

// Where Debian's packages keep the commands that they offer.
bool is_program_directory(std::string_view directory);

}  // namespace ccci::learn
