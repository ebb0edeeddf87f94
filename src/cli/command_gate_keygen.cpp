// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/commands.hpp"
#include "cli/gate_service.hpp"
#include "command/invocation.hpp"

namespace ccci::cli {

namespace {

base::Result<int> run_keygen(Invocation& invocation) {
  const std::string& name = invocation.operands().front();
  std::filesystem::path file = name;
  if (name.find('/') == std::string::npos) {
    CCCI_TRY(const std::filesystem::path directory, key_directory());
    file = directory / name;
  }
  // A key must not be made inside the repository. Outside a repository every directory is allowed.
  std::filesystem::path forbidden;
  const auto repository =
      git::Repository::open(std::filesystem::current_path(), base::real_processes());
  if (repository) forbidden = repository->root();
  CCCI_TRY(const gate::PrivateKey key, gate::generate_key(file, forbidden));
  const gate::PublicKey shown = key.public_key();
  if (invocation.json()) {
    invocation.print(base::Json{
        {"schema", 1}, {"file", file.native()}, {"id", shown.id()}, {"public", shown.text()}});
    return 0;
  }
  invocation.out().line("private key   " + file.native());
  invocation.out().line("public key    " + shown.text());
  invocation.out().line("To use this key, add to gates/keys.toml and commit:");
  invocation.out().line("");
  invocation.out().line("[" + file.filename().native() + "]");
  invocation.out().line("public = \"" + shown.text() + "\"");
  invocation.out().line("may    = [\"verify\"]");
  return 0;
}

}  // namespace

const Command& gate_keygen_command() {
  static const Command command{
      .name = "gate keygen",
      .section = "Gate",
      .purpose = "make a key that signs claims and verdicts",
      .operands = {{.name = "NAME"}},
      .options = {json_option()},
      .prose =
          "NAME is the name of a file in $XDG_CONFIG_HOME/cc-ci/keys, or a path. Only you can read "
          "the private key. It must be outside of the repository, and it is never overwritten.",
      .example = "cc-ci gate keygen alice",
      .run = &run_keygen,
  };
  return command;
}

}  // namespace ccci::cli
