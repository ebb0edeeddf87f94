// SPDX-License-Identifier: GPL-3.0-or-later
// Words to a call, the GNU way: --name=value, --name value, -xvalue, -abc, and -- ends options.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/commands.hpp"
#include "cli/invocation.hpp"
#include "report/style.hpp"

namespace ccci::cli {

struct Call {
  enum class Wish { run, short_help, full_help, version };

  Wish wish = Wish::run;
  const Command* command = nullptr;  // none: cc-ci itself
  std::string family;                // "store" where help was asked for several commands at once
  std::vector<Given> given;          // global and own options in the order given
  std::vector<std::string> operands;
};

// [cli.unknown-command], [cli.incomplete-command], [cli.unknown-option], [cli.missing-value],
// [cli.unexpected-value], [cli.choice], [cli.missing-operand], [cli.extra-operand]. A wish for help
// is granted whatever else is wrong.
base::Result<Call> parse(const std::vector<std::string>& words, const Commands& table);

// What the global options among `given` say, with CC_CI_STATE, XDG_STATE_HOME and HOME.
// [cli.no-home] where nothing says where the state is.
base::Result<Globals> globals_of(const std::vector<Given>& given,
                                 const report::Variables& variables, bool root);

}  // namespace ccci::cli
