// SPDX-License-Identifier: GPL-3.0-or-later
// Parses words into a call, with the GNU forms: --name=value, --name value, -xvalue, -abc, and --
// ends the options.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "command/command.hpp"
#include "command/invocation.hpp"
#include "report/style.hpp"

namespace ccci::command {

struct Call {
  enum class Wish { run, short_help, full_help, version };

  Wish wish = Wish::run;
  const Command* command = nullptr;  // null: cc-ci itself
  std::string family;                // "store" if the call asks for help on several commands
  std::vector<Given> given;          // global and own options, in the given order
  std::vector<std::string> operands;
};

// [cli.unknown-command], [cli.incomplete-command], [cli.unknown-option], [cli.missing-value],
// [cli.unexpected-value], [cli.choice], [cli.missing-operand], [cli.extra-operand]. A request for
// help succeeds even if other words are wrong.
base::Result<Call> parse(const std::vector<std::string>& words, const Commands& table);

// The values of the global options in `given`, with CC_CI_STATE, XDG_STATE_HOME and HOME.
// [cli.no-home] if none of these gives the state directory.
base::Result<Globals> globals_of(const std::vector<Given>& given,
                                 const report::Variables& variables, bool root);

}  // namespace ccci::command
