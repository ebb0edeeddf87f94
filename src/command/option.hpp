// SPDX-License-Identifier: GPL-3.0-or-later
// One record per option. Parser, help, man pages and completions all come from it.
#pragma once

#include <string_view>
#include <vector>

namespace ccci::command {

// What the shell offers for a value or an operand.
enum class Completion {
  none,
  file,
  directory,
  host,        // of the declaration
  tool,        // of the declaration
  entrypoint,  // of the declaration
  image,       // of the declaration
  package,     // of the lock
  program,     // on PATH
  command,     // of cc-ci
  choices,     // the words listed
};

struct Option {
  std::string_view name;        // without dashes: "dry-run"
  char letter = 0;              // 'n' for -n; 0: none
  std::string_view value = {};  // "FILE"; empty: a switch
  std::string_view help = {};   // lower case, no final period, one phrase
  std::string_view shown = {};  // the default as help shows it; empty: nothing shown
  std::string_view group = "Options";
  bool repeatable = false;  // every value counts; otherwise only the last one
  Completion completes = Completion::none;
  std::vector<std::string_view> choices = {};  // Completion::choices: the only accepted values
};

// Options that have the same meaning in every command.
Option json_option();
Option dry_run_option();

// -C, --file, --state, --offline, -q, -v, --color, --version, --help. They are accepted before and
// after the command.
const std::vector<Option>& global_options();

}  // namespace ccci::command
