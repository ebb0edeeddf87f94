// SPDX-License-Identifier: GPL-3.0-or-later
// The table of CI runners: one row for each kind. A declaration may name these kinds; the adapter
// (host/attachment.hpp), doctor and docs/runners.md use the same rows. A new kind is a row here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "declare/service.hpp"

namespace ccci::declare {

// A file of the host that jobs of this kind read, and that would overwrite their PATH.
enum class Overlaid {
  nothing,
  path_file,       // .path next to the runner's program: its first line becomes PATH
  profile,         // /etc/profile, which login shells read
  variables_file,  // none; the engine reads a file of variables that file_variable names
};

struct RunnerKind {
  std::string_view name;
  std::string_view unit;         // usual unit; empty: each installation has its own unit name
  std::string_view program;      // usual path of the daemon's program
  std::string_view environment;  // how the engine makes the environment of a job
  std::string_view wins;         // the variable or file with the highest priority
  std::string_view fixed;        // what cannot be changed
  std::string_view writes;       // what the adapter writes in addition to the common settings
  // The adapter:
  std::string_view path_variable = {};  // replaces PATH for its jobs
  std::string_view file_variable = {};  // names a file of NAME=value lines for its jobs, which do
                                        // not get the service's own variables
  Overlaid overlaid = Overlaid::nothing;
  bool unit_required = false;  // the declaration must name the unit
  // The directory of the daemon's configuration below /etc, which stays the host's.
  std::string_view configuration = {};

  bool operator==(const RunnerKind&) const = default;
};

std::span<const RunnerKind> runner_kinds();
const std::vector<std::string>& runner_kind_names();
// The row with this name. For an unknown name it is the row `unit`, which promises nothing.
const RunnerKind& runner_kind(std::string_view name);

// The runner's unit. Empty if its kind has no usual unit and none was declared.
std::string runner_unit(const Runner& runner);

}  // namespace ccci::declare
