// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "declare/declaration.hpp"

namespace ccci::cli {

namespace {

base::Result<int> run_schema(Invocation& invocation) {
  std::string schema = declare::json_schema();
  if (!schema.ends_with('\n')) schema += '\n';
  invocation.out().write(report::Document(schema));
  return 0;
}

}  // namespace

const Command& schema_command() {
  static const Command command{
      .name = "schema",
      .section = "Help",
      .purpose = "print the JSON Schema of cc-ci.toml",
      .prose =
          "With it, editors complete and check the declaration. It is made from the same table of "
          "keys that the parser uses.",
      .example = "cc-ci schema > cc-ci.schema.json",
      .run = &run_schema,
  };
  return command;
}

}  // namespace ccci::cli
