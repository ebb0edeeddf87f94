// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/gate_service.hpp"
#include "cli/open_store.hpp"
#include "command/help.hpp"
#include "command/interruption.hpp"
#include "command/invocation.hpp"
#include "deploy/fleet.hpp"
#include "deploy/parcel.hpp"
#include "host/build.hpp"
#include "lock/lock.hpp"
#include "project/build.hpp"
#include "project/lock_status.hpp"
#include "project/project.hpp"
#include "report/error_text.hpp"
#include "report/progress_table.hpp"
#include "store/store.hpp"

namespace ccci::cli {

namespace {

// Deploys to all targets, with a line of progress for each.
std::vector<deploy::Row> deploy_with_progress(const Invocation& invocation,
                                              const std::vector<deploy::Target>& targets,
                                              const deploy::Parcel& parcel,
                                              const deploy::Options& options) {
  std::vector<std::string> names;
  for (const deploy::Target& target : targets) names.push_back(target.wanted.host);
  const report::Style style = report::style_of(STDERR_FILENO, invocation.globals().color,
                                               [](const char* name) { return std::getenv(name); });
  report::ProgressTable table(report::standard_error(), style, invocation.globals().verbosity,
                              base::real_clock(), names);
  const auto watch = [&table](std::size_t i) {
    return deploy::Watch{[&table, i](std::string_view step) { table.step(i, step); },
                         [&table, i](std::uint64_t done, std::uint64_t total) {
                           if (total > 0) table.step(i, "sending");
                           table.advance(i, done, total);
                         }};
  };
  return deploy::deploy_all(targets, parcel, options, watch, &command::Interruption::happened);
}

std::string generations_of(const deploy::Row& row) {
  const auto number = [](const std::optional<std::uint64_t>& one) {
    return one ? std::to_string(*one) : std::string("?");
  };
  if (!row.before) return "";
  return row.end == deploy::End::planned ? number(row.before)
                                         : number(row.before) + " -> " + number(row.after);
}

void print_rows(Invocation& invocation, const std::vector<deploy::Row>& rows, bool dry) {
  if (invocation.json()) {
    base::Json json{{"schema", 1}, {"dry_run", dry}, {"hosts", base::Json::array()}};
    for (const deploy::Row& row : rows) {
      base::Json host = deploy::to_json(row);
      host["error"] = row.error ? report::to_json(*row.error) : base::Json();
      json["hosts"].push_back(std::move(host));
    }
    invocation.print(json);
    return;
  }
  using Align = report::Table::Column::Align;
  report::Table table({{.heading = "HOST", .elastic = true},
                       {.heading = "STATE"},
                       {.heading = "GENERATION"},
                       {.heading = dry ? "TO SEND" : "SENT", .align = Align::right},
                       {.heading = "TIME", .align = Align::right}});
  for (const deploy::Row& row : rows) {
    const std::uint64_t bytes = dry ? row.delivered.content : row.delivered.bytes;
    table.row({row.host, std::string(deploy::end_name(row.end)), generations_of(row),
               base::human_bytes(bytes), base::human_seconds(row.seconds)});
  }
  invocation.print(table);
  for (const deploy::Row& row : rows) {
    if (!dry || row.delivered.program == 0) continue;
    // Only cc-ci on the host can tell what else the host lacks.
    invocation.out().line(row.host +
                          " lacks this cc-ci: " + base::human_bytes(row.delivered.program) +
                          " would be sent first, and at most " +
                          base::human_bytes(row.delivered.content) + " in all");
  }
}

base::Result<int> finish(Invocation& invocation, const std::vector<deploy::Row>& rows, bool dry) {
  print_rows(invocation, rows, dry);
  std::vector<base::Error> errors;
  for (const deploy::Row& row : rows) {
    if (row.error) errors.push_back(*row.error);
  }
  if (errors.empty()) return 0;
  const base::Error all = base::together(std::move(errors));
  const int signal = command::Interruption::signal();
  const int status = signal == 0 ? report::exit_status(all) : 128 + signal;
  // With --json the printed rows already contain the errors.
  if (invocation.json()) return status;
  CCCI_CHECK(invocation.out().flush());
  report::standard_error().write(
      report::render(all, report::style_of(STDERR_FILENO, invocation.globals().color,
                                           [](const char* name) { return std::getenv(name); })));
  return status;
}

base::Result<int> run_deploy(Invocation& invocation) {
  deploy::Options options;
  options.dry = invocation.has("dry-run");
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  CCCI_TRY(const std::vector<std::string> names,
           deploy::hosts_meant(project, invocation.operands(), invocation.has("all")));
  options.deadline = std::chrono::seconds(0);
  for (const std::string& name : names) {
    options.deadline =
        std::max(options.deadline, declare::health_of(project.declaration, name).deadline);
  }
  CCCI_TRY(const std::uint64_t deadline,
           invocation.number("deadline", static_cast<std::uint64_t>(options.deadline.count()),
                             longest_deadline));
  options.deadline = std::chrono::seconds(deadline);
  CCCI_TRY(const JobsChoice choice, jobs_choice(invocation, options.jobs, options.jobs_limit));
  options.jobs = choice.jobs;
  options.jobs_limit = choice.limit;
  if (!options.dry) {
    CCCI_TRY(options.override_reason, require_gates(invocation, project, "deploy"));
  }
  CCCI_TRY(lock::Lock lock, project::current_lock(project));
  // Before the store is opened, which makes its directories, and after it, when links are resolved.
  CCCI_CHECK(deploy::check_state(std::filesystem::absolute(invocation.globals().state)));
  CCCI_TRY(store::Store store, open_store(invocation));
  CCCI_CHECK(deploy::check_state(store.state()));
  CCCI_TRY(const store::Hold hold, store.hold());
  CCCI_TRY(const host::Build built,
           project::build(project, invocation.context(), store, lock, names));
  CCCI_TRY(const deploy::Parcel parcel,
           deploy::make_parcel(project, store, std::move(lock), command::version_line()));
  invocation.end_progress();
  const activate::Origin origin = origin_of(project.directory());
  options.commit = origin.commit;
  options.dirty = origin.dirty;
  if (origin.dirty) {
    invocation.warn("the project has changes that are not committed; they are deployed too");
  }
  const command::Interruption interruption;
  const std::vector<deploy::Row> rows =
      deploy_with_progress(invocation, deploy::targets_of(project, built, names), parcel, options);
  return finish(invocation, rows, options.dry);
}

}  // namespace

const Command& deploy_command() {
  static const Command command{
      .name = "deploy",
      .section = "Hosts",
      .purpose = "build hosts' systems here and switch the hosts over ssh",
      .operands =
          {{.name = "HOST", .optional = true, .repeatable = true, .completes = Completion::host}},
      .options =
          {{.name = "all", .help = "every declared host"},
           {.name = "dry-run",
            .letter = 'n',
            .help = "build here and print what would be sent; change nothing on the hosts"},
           {.name = "deadline",
            .value = "SECONDS",
            .help = "time for a host to become healthy, and again for the confirmation from here",
            .shown = "from [health], else 60"},
           jobs_option("wait"),
           jobs_limit_option("600"),
           override_option(),
           json_option()},
      .prose =
          "Each host needs sshd, systemd and an ssh destination: `address` of [hosts.NAME], or the "
          "host's name. The ssh user must be root, or become root by sudo without a password. A "
          "host without this version of cc-ci gets this program first. Then it gets the archives "
          "and tracked files that it lacks, and builds its system from the lock. "
          "If this system differs from the one that was built here, nothing is switched.\n\n"
          "The switch runs on the host as a unit of its own. When the host is healthy, this "
          "machine checks it over a new connection and confirms over another one. Without a "
          "confirmation (connection lost, host not reachable any more), the host restores its old "
          "generation. The table shows the state that each host reported at the end; 'unknown' if "
          "it could not be asked.\n\n"
          "All hosts are deployed to in parallel. The status is 0 only if every host is switched "
          "or was current already.",
      .statuses = {{"1", "a host restored its old generation"},
                   {"3", "a host could not be reached, or something else failed"}},
      .example = "cc-ci deploy --all --dry-run",
      .run = &run_deploy,
  };
  return command;
}

}  // namespace ccci::cli
