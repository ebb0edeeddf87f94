// SPDX-License-Identifier: GPL-3.0-or-later
#include <charconv>

#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "command/interruption.hpp"
#include "command/invocation.hpp"
#include "view/activation.hpp"

namespace ccci::cli {

namespace {

base::Result<std::uint64_t> wanted_number(const Invocation& invocation,
                                          const activate::Switcher& switcher) {
  if (invocation.operands().empty()) return switcher.previous();
  const std::string& word = invocation.operands().front();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error == std::errc() && end == word.data() + word.size()) return number;
  return base::unexpected(
      base::fail("activate.no-generation", base::Condition::not_found).with("number", word));
}

base::Result<int> run_rollback(Invocation& invocation) {
  CCCI_TRY(const auto deadline, deadline_of(invocation));
  CCCI_TRY(const JobsChoice choice, jobs_choice(invocation, activate::Jobs::kill));
  HostSession session(invocation);
  activate::Switcher& switcher = session.switcher();
  CCCI_CHECK(switcher.check_host(invocation.command().name));
  const command::Interruption interruption;
  CCCI_TRY(const base::Fd lock, switcher.lock());
  const bool dry_run = invocation.has("dry-run");
  CCCI_TRY(const std::uint64_t number, wanted_number(invocation, switcher));
  CCCI_TRY(const activate::Switched switched,
           switcher.roll_back({.number = number,
                               .announce = view::announcer(invocation, dry_run),
                               .dry_run = dry_run,
                               .jobs = choice.jobs,
                               .jobs_limit = choice.limit,
                               .deadline = deadline}));
  view::print_switched(invocation, switched, dry_run);
  return 0;
}

}  // namespace

const Command& rollback_command() {
  static const Command command{
      .name = "rollback",
      .section = "Hosts",
      .purpose = "activate an earlier generation",
      .operands = {{.name = "N", .optional = true}},
      .options = {dry_run_option(),
                  {.name = "deadline",
                   .value = "SECONDS",
                   .help = "time for the host to become healthy",
                   .shown = "from the generation's [health], else 60"},
                  jobs_option("kill"),
                  jobs_limit_option(),
                  json_option()},
      .prose =
          "Without N, the last generation before the current one that was healthy. If it is not "
          "healthy "
          "now, the current one is restored. 0 means no "
          "generation: no unit, link "
          "or command of cc-ci is left on the host, but store and generations are kept. Needs no "
          "network, no declaration, no lock and no free disk space.",
      .example = "cc-ci rollback",
      .run = &run_rollback,
  };
  return command;
}

}  // namespace ccci::cli
