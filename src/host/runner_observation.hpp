// SPDX-License-Identifier: GPL-3.0-or-later
// What lies on this host about a runner: its unit as systemd puts it together, and the files that
// its kind of engine reads. Only reads, each file with a bound.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "declare/declaration.hpp"

namespace ccci::host {

struct UnitSource {
  std::string path;
  std::string text;

  bool operator==(const UnitSource&) const = default;
};

struct ObservedUnit {
  std::string name;
  std::string load;                 // systemd's LoadState; empty where systemd did not answer
  std::vector<UnitSource> sources;  // the unit and its drop-ins, in the order in which they count

  std::vector<std::string> texts() const;
};

struct ObservedRunner {
  ObservedUnit unit;
  std::string program;  // of ExecStart; empty where it is not known before it runs
  std::string user;     // that jobs run as
  bool user_exists = true;
  std::map<std::string, std::string> files;  // that the engine reads, those that could be read
  std::map<std::string, bool> on_host;       // programs: is there such a file?
  std::map<std::string, bool> inside;        // the same of the environment; empty: it is not built
};

// Reads the unit's files. `fragment` and `drop_ins` (separated by blanks) are as systemd names
// them.
ObservedUnit observe_unit(const std::string& name, const std::string& load,
                          const std::string& fragment, const std::string& drop_ins,
                          const std::filesystem::path& host = "/");

// `root` is the environment's, or empty where it is not built. Files are read below `host`.
ObservedRunner observe_runner(const declare::Runner& runner, ObservedUnit unit,
                              const std::string& root, const std::filesystem::path& host = "/");

// NAME=value lines of a file of variables (EnvironmentFile=, .env): comments are gone, a value's
// quotes too; the last of a name counts.
std::map<std::string, std::string> file_variables(const std::string& text);

// The files of variables that a unit reads, of those whose names mean the same everywhere.
std::vector<std::string> environment_files(const ObservedUnit& unit);

}  // namespace ccci::host
