// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "command/help.hpp"
#include "command/invocation.hpp"
#include "command/parse.hpp"

namespace ccci::cli {

namespace {

// `cc-ci help store verify` runs `cc-ci store verify --help`, so both accept the same words.
base::Result<int> run_help(Invocation& invocation) {
  std::vector<std::string> words = invocation.operands();
  words.emplace_back("--help");
  CCCI_TRY(const command::Call call, parse(words, commands()));
  const bool understood = call.command != nullptr || !call.family.empty();
  if (!invocation.operands().empty() && !understood) {
    words.pop_back();
    CCCI_CHECK(parse(words, commands()));  // its error names the unknown word
  }
  if (call.command != nullptr) {
    invocation.out().write(report::Document(full_help(*call.command)));
  } else if (!call.family.empty()) {
    invocation.out().write(report::Document(family_help(call.family, commands())));
  } else {
    invocation.out().write(report::Document(full_help(commands())));
  }
  return 0;
}

}  // namespace

const Command& help_command() {
  static const Command command{
      .name = "help",
      .section = "Help",
      .purpose = "explain cc-ci or one of its commands",
      .operands = {{.name = "COMMAND",
                    .optional = true,
                    .repeatable = true,
                    .completes = Completion::command}},
      .prose = "Without COMMAND, it lists all commands and the options for every command.",
      .example = "cc-ci help store verify",
      .run = &run_help,
  };
  return command;
}

}  // namespace ccci::cli
