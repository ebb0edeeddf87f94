// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>

#include "base/files.hpp"
#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "declare/declaration.hpp"
#include "doctor/host_jobs.hpp"
#include "doctor/host_runners.hpp"
#include "project/project.hpp"

namespace ccci::cli {

namespace {

base::Result<int> run_init(Invocation& invocation) {
  const std::string& file = invocation.globals().file;
  if (std::filesystem::exists(std::filesystem::symlink_status(file))) {
    return base::unexpected(base::fail("cli.exists").with("path", file));
  }
  std::string text = declare::starter();
  if (invocation.has("from-host")) {
    const std::vector<doctor::HostRunner> runners = doctor::host_runners();
    text += doctor::declare_host(doctor::host_jobs(), runners, project::machine_name()) +
            doctor::mention(doctor::other_services(runners));
  }
  if (invocation.has("dry-run")) {
    invocation.out().write(report::Document(text));
    return 0;
  }
  CCCI_CHECK(base::replace_file(file, text));
  invocation.out().line(file + ": written; edit it, then: cc-ci lock && cc-ci build");
  return 0;
}

}  // namespace

const Command& init_command() {
  static const Command command{
      .name = "init",
      .section = "Start",
      .purpose = "write a commented declaration as a start",
      .options = {{.name = "from-host",
                   .help = "also declare this machine's cron jobs, timers and runners"},
                  dry_run_option()},
      .prose =
          "Writes cc-ci.toml (or --file). An existing file is never replaced. With --dry-run the "
          "text goes to standard output.\n\n"
          "--from-host reads the crontabs, the timers in /etc/systemd/system and the units of "
          "known "
          "runners, and writes a table for each. It changes nothing on the machine. What cannot be "
          "taken over as it is stands in a comment. Reading the users' crontabs needs root.",
      .example = "cc-ci init",
      .run = &run_init,
  };
  return command;
}

}  // namespace ccci::cli
