// SPDX-License-Identifier: GPL-3.0-or-later
// One record per command. Each command_NAME.cpp defines one, with the function that it calls.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "command/option.hpp"

namespace ccci::command {

class Invocation;

struct Operand {
  std::string_view name;  // "HOST"
  bool optional = false;
  bool repeatable = false;  // only the last one may be
  Completion completes = Completion::none;
  std::vector<std::string_view> choices = {};
};

struct ExitStatus {
  std::string_view status;  // "0"
  std::string_view meaning;
};

struct Command {
  std::string_view name;     // "lock", "store verify"
  std::string_view section;  // its heading in `cc-ci --help`
  std::string_view purpose;  // "resolve the declaration into cc-ci.lock": no capital, no period
  std::vector<Operand> operands = {};
  std::vector<Option> options = {};
  // `run [OPTIONS] [--] COMMAND [ARG...]`: the first operand ends the options. The rest is passed
  // on unchanged.
  bool passes_rest = false;
  // Paragraphs for the full help and the man page, separated by an empty line. A paragraph that
  // begins with a space is not reformatted.
  std::string_view prose = {};
  std::vector<ExitStatus> statuses = {};  // in addition to the usual ones
  std::string_view example = {};          // one line to type
  // Returns the exit status. Errors are printed by the caller.
  base::Result<int> (*run)(Invocation&) = nullptr;
  bool hidden = false;  // not in help or completions
};

// In the order in which help lists them.
using Commands = std::vector<const Command*>;

// The headings of `cc-ci --help`, in the order of their first command.
std::vector<std::string_view> sections_of(const Commands& table);

// The statuses that every command has: 0, 1, 2, 3.
const std::vector<ExitStatus>& usual_statuses();

}  // namespace ccci::command
