// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include "activate/generations.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/interruption.hpp"
#include "command/invocation.hpp"
#include "declare/declaration.hpp"
#include "doctor/cron_checkup.hpp"
#include "host/build.hpp"
#include "lock/lock.hpp"
#include "project/build.hpp"
#include "project/lock_status.hpp"
#include "project/project.hpp"
#include "report/error_text.hpp"
#include "store/store.hpp"
#include "witness/exercise.hpp"
#include "witness/expectation.hpp"
#include "witness/timer.hpp"

namespace ccci::cli {

namespace {

void print_rows(Invocation& invocation, const std::vector<witness::Row>& rows) {
  report::Table table(
      {{.heading = "path"}, {.heading = "verdict"}, {.heading = "evidence", .elastic = true}});
  for (const witness::Row& row : rows) {
    table.row({row.path, std::string(witness::name(row.state)), row.evidence});
  }
  invocation.print(table);
  for (const witness::Row& row : rows) {
    if (row.disagreements.size() < 2) continue;
    invocation.out().line("");
    invocation.out().line(row.path + ":");
    for (const std::string& line : row.disagreements) {
      invocation.out().line("  " + base::printable(line));
    }
  }
}

void print_differences(Invocation& invocation, const std::vector<witness::Exercise>& exercises) {
  const auto differences = witness::differences(witness::views(exercises));
  invocation.out().line("");
  if (differences.empty()) {
    invocation.out().line("nothing differs between the paths");
    return;
  }
  report::Table table({{.heading = "differs"},
                       {.heading = "value"},
                       {.heading = "through", .elastic = true},
                       {.heading = "why it may"}});
  for (const witness::Difference& one : differences) {
    std::string fact = one.fact;
    std::string reason = one.reason.empty() ? "it may not" : one.reason;
    for (const auto& [value, titles] : one.paths) {
      table.row({fact, base::printable(value.empty() ? "nothing" : value), base::join(titles, ", "),
                 reason});
      fact.clear();
      reason.clear();
    }
  }
  invocation.print(table);
}

// The users of this host whose crontabs call the environment.
std::vector<witness::Path> cron_paths() {
  std::vector<witness::CronEntry> entries;
  for (const doctor::CronJob& job : doctor::cron_jobs(host_layout().at("/")))
    if (job.is_inside()) entries.push_back({job.user, job.shell});
  return witness::cron_paths(entries);
}

base::Result<int> run_witness(Invocation& invocation) {
  if (geteuid() != 0) return base::unexpected(base::fail("witness.not-root"));
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  if (project.declaration.witness.empty()) {
    return base::unexpected(base::fail("witness.no-test").with("file", project.file.native()));
  }
  CCCI_TRY(const std::uint64_t deadline, invocation.number("deadline", 300, longest_wait));
  CCCI_TRY(const lock::Lock locked, project::current_lock(project));
  CCCI_TRY(const activate::Generation active,
           witness::active_generation(activate::Generations{host_layout()}, project.declaration));
  CCCI_TRY(const auto names, project::hosts(project, {active.host}));
  CCCI_TRY(const auto paths,
           witness::choose_paths(declare::for_host(project.declaration, active.host),
                                 invocation.values("path"), cron_paths()));
  CCCI_TRY(store::Store store, open_store(invocation));
  CCCI_TRY(const host::Build built,
           project::build(project, invocation.context(), store, locked, names));
  const host::System& system = built.systems.at(active.host);
  CCCI_CHECK(witness::require_current(active, system));

  HostSession session(invocation);
  const witness::Expected expected = witness::expected_of(project.declaration, built, system);
  CCCI_TRY(witness::RequestQueue queue, witness::RequestQueue::open(invocation.globals().state));
  // The lock keeps out a switch, which would change the observed units, and another witness, which
  // would remove the requests.
  const command::Interruption interruption;
  CCCI_TRY(const base::Fd lock, session.switcher().lock());
  CCCI_CHECK(queue.clear());
  activate::Systemd& systemd = session.systemd();
  witness::Bench bench{.queue = queue, .systemd = systemd, .processes = base::real_processes()};
  bench.interrupted = &command::Interruption::happened;
  bench.deadline = std::chrono::seconds(deadline);
  CCCI_CHECK(witness::clear_fires(systemd, bench.runtime_units));
  const auto exercises = witness::exercise_all(
      bench, paths, witness::request_of(project, active, built, expected), invocation.progress());
  invocation.end_progress();
  const auto rows = witness::compare(expected, exercises);
  if (invocation.json()) {
    invocation.print(witness::to_json(expected, exercises, rows));
  } else {
    print_rows(invocation, rows);
    if (invocation.has("explain")) print_differences(invocation, exercises);
  }
  return witness::verdict(rows) == witness::State::pass ? 0 : 1;
}

}  // namespace

const Command& witness_command() {
  static const Command command{
      .name = "witness",
      .section = "Hosts",
      .purpose = "run one test in every way that a job can start here, and compare",
      .options =
          {{.name = "path",
            .value = "PATH",
            .help = "use only this path: host, timer-NAME, runner-NAME, entrypoint-NAME, cron-USER",
            .repeatable = true},
           {.name = "deadline",
            .value = "SECONDS",
            .help = "time limit for one path",
            .shown = "300"},
           {.name = "explain",
            .help = "also show what differs between the paths and may, with the reason"},
           json_option()},
      .prose =
          "The witness is the test in [witness] of the declaration. A path is one way to start a "
          "job: the entrypoint, root's login shell, each timer's own units, a real job of each "
          "runner, and cron for each user whose crontab calls cc-ci. Runs the test through every "
          "path and compares what the jobs saw from inside: "
          "exit status, environment, every command of every tool, versions, variables, user and "
          "groups, umask, limits, mounts, the linker's cache, and the system's configuration of "
          "git and ssh. A path that could not be used is unproven.\n\n"
          "A runner's `trigger` makes its engine start a job. A step of that job must execute `sh "
          "STATE/witness/runner-NAME/probe`. A timer fires once, and its service executes the "
          "probe instead of its own command; its schedule does not change.",
      .statuses = {{"1", "a path disagrees or is unproven, or the declared system is not active"}},
      .example = "cc-ci witness",
      .run = &run_witness,
  };
  return command;
}

}  // namespace ccci::cli
