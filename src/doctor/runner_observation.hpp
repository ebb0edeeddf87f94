// SPDX-License-Identifier: GPL-3.0-or-later
// Collects the facts about a runner on this host: its unit as systemd combines it, and the files
// that its kind of engine reads. It only reads files, and each file only up to a size limit.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "declare/declaration.hpp"

namespace ccci::doctor {

struct UnitSource {
  std::string path;
  std::string text;

  bool operator==(const UnitSource&) const = default;
};

struct ObservedUnit {
  std::string name;
  std::string load;                 // systemd's LoadState; empty if systemd did not answer
  std::vector<UnitSource> sources;  // the unit and its drop-ins, in the order that systemd applies

  std::vector<std::string> texts() const;
};

enum class PathFault : unsigned char { absent, directory, no_directory };

// A path with which systemd does not start the unit.
struct UnusablePath {
  std::string setting;  // "EnvironmentFile"
  std::string path;
  PathFault fault = PathFault::absent;

  bool operator==(const UnusablePath&) const = default;
};

struct ObservedRunner {
  ObservedUnit unit;
  std::string user_unit = {};  // a unit of that name that a user's systemd runs; empty: none
  std::string program;         // from ExecStart; empty if it is not known before the service runs
  std::string user;            // the user that jobs run as
  bool user_exists = true;
  std::map<std::string, std::string> files;  // files that the engine reads, if they are readable
  std::vector<std::string> variable_files = {};  // those of EnvironmentFile=, in their order
  std::string configuration = {};                // the engine's own one among them; empty: none
  std::map<std::string, bool> on_host;           // program -> whether the file exists on the host
  std::map<std::string, bool> inside;  // the same in the environment; empty: it is not built
  // The programs of ExecStartPre= and the like, which run in the environment too, by setting.
  std::vector<std::pair<std::string, std::string>> helpers = {};
  std::string directory = {};  // WorkingDirectory=; empty if it may be missing or is not known
  std::vector<std::string> arguments = {};  // of ExecStart: files below the host's /etc
  std::vector<UnusablePath> unusable = {};
  // Conditions of the unit that are false now, and whether a switch would start it.
  std::vector<std::string> unmet = {};
  bool starts = false;
  // Whether the environment has the directory, the arguments, hooks of GitHub's runner, and the
  // targets of the unit's own mounts, or a link to the host's.
  std::map<std::string, bool> places = {};
};

// Reads the unit's files. `fragment` and `drop_ins` (separated by spaces) are paths as systemd
// reports them.
ObservedUnit observe_unit(const std::string& name, const std::string& load,
                          const std::string& fragment, const std::string& drop_ins,
                          const std::filesystem::path& host = "/");

// `root` is the root of the environment, or empty if it is not built. Files are read below `host`.
ObservedRunner observe_runner(const declare::Runner& runner, ObservedUnit unit,
                              const std::string& root, const std::filesystem::path& host = "/");

// The NAME=value lines of a file of variables (EnvironmentFile=, .env). Comments and the quotes of
// a value are removed. If a name occurs twice, the last line counts.
std::map<std::string, std::string> file_variables(const std::string& text);

// The files of variables that a unit reads, in their order. Contains only paths that mean the same
// file everywhere. Of a pattern it contains the files that match below `host`, at most 256.
std::vector<std::string> environment_files(const ObservedUnit& unit,
                                           const std::filesystem::path& host = "/");

}  // namespace ccci::doctor
