// SPDX-License-Identifier: GPL-3.0-or-later
// The facts about each kind of CI runner: one table with one row per kind. The adapter
// (attachment.hpp), doctor and docs/runners.md use it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "declare/declaration.hpp"

namespace ccci::host {

// A file of the host that jobs of this kind read, and that would overwrite their PATH.
enum class Overlaid {
  nothing,
  path_file,  // .path next to the runner's program: its first line becomes PATH
  profile,    // /etc/profile, which login shells read
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
  std::string_view list_variable = {};  // a list NAME:value,… that is passed to its jobs, if the
                                        // service's own variables are not
  Overlaid overlaid = Overlaid::nothing;

  bool operator==(const RunnerKind&) const = default;
};

std::span<const RunnerKind> runner_kinds();
// `name` must be one of declare::runner_kinds().
const RunnerKind& runner_kind(std::string_view name);

// The runner's unit. Empty if its kind has no usual unit and none was declared.
std::string runner_unit(const declare::Runner& runner);

}  // namespace ccci::host
