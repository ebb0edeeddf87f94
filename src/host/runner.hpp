// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of each kind of CI runner: one table, a row a kind. The adapter (attachment.hpp),
// doctor and docs/runners.md all stand on it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "declare/declaration.hpp"

namespace ccci::host {

// A file of the host that jobs of the kind read and that would undo their PATH.
enum class Overlaid {
  nothing,
  path_file,  // .path beside the runner's program: its first line becomes PATH
  profile,    // /etc/profile, which login shells read
};

struct RunnerKind {
  std::string_view name;
  std::string_view unit;         // usual; empty: each installation has one of its own name
  std::string_view program;      // usual place of the daemon's program
  std::string_view environment;  // how the engine makes a job's environment
  std::string_view wins;         // which variable or file decides in the end
  std::string_view fixed;        // what nobody can change
  std::string_view writes;       // what the adapter writes beside what every kind gets
  // The adapter:
  std::string_view path_variable = {};  // replaces PATH for its jobs
  std::string_view list_variable = {};  // a list NAME:value,… that reaches its jobs, where the
                                        // service's own variables do not
  Overlaid overlaid = Overlaid::nothing;

  bool operator==(const RunnerKind&) const = default;
};

std::span<const RunnerKind> runner_kinds();
// `name` is one of declare::runner_kinds().
const RunnerKind& runner_kind(std::string_view name);

// The runner's own unit, or an empty string: its kind has no usual one, and none was declared.
std::string runner_unit(const declare::Runner& runner);

}  // namespace ccci::host
