// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "activate/generations.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/invocation.hpp"
#include "declare/declaration.hpp"
#include "environment/environment.hpp"
#include "host/build.hpp"
#include "lock/lock.hpp"
#include "project/build.hpp"
#include "project/lock_status.hpp"
#include "project/project.hpp"
#include "report/error_text.hpp"
#include "store/store.hpp"
#include "witness/exercise.hpp"
#include "witness/timer.hpp"
#include "wording/message.hpp"

namespace ccci::cli {

namespace {

// What is active here, and that it is what the declaration says.
base::Result<activate::Generation> active_generation(const project::Project& project) {
  const activate::Generations generations{host_layout()};
  CCCI_TRY(const std::uint64_t number, generations.current());
  if (number == 0) {
    const bool one = project.declaration.hosts.size() == 1;
    return base::unexpected(
        base::fail("witness.not-active")
            .with("host", one ? project.declaration.hosts.begin()->first : "HOST"));
  }
  return generations.read(number);
}

base::Result<void> is_current(const activate::Generation& active, const host::System& system) {
  const std::string declared = system.address.directory();
  if (active.system == declared) return {};
  return base::unexpected(base::fail("witness.stale")
                              .with("generation", static_cast<long long>(active.number))
                              .with("host", active.host)
                              .with("active", active.system)
                              .with("declared", declared));
}

// The command that is asked for the tool's version: that of its own name, or the first with a name
// that a shell does not read as syntax ('[' is one of coreutils).
std::string spokesman(const environment::Exposed& exposed) {
  const auto& commands = exposed.commands;
  auto found = std::find_if(commands.begin(), commands.end(),
                            [&](const auto& one) { return one.name == exposed.tool; });
  if (found == commands.end()) {
    found = std::find_if(commands.begin(), commands.end(),
                         [](const auto& one) { return std::isalpha(one.name.front()) != 0; });
  }
  return found == commands.end() ? commands.front().name : found->name;
}

witness::Expected expected_of(const declare::Declaration& declaration, const host::Build& built,
                              const host::System& system) {
  witness::Expected expected;
  expected.environment = built.environment.address.hash;
  expected.path = base::join(built.environment.paths(), ":");
  for (const environment::Exposed& exposed : built.environment.exposed) {
    for (const environment::Command& command : exposed.commands) {
      expected.commands.emplace(command.name, exposed.directory + "/" + command.name);
    }
    if (exposed.package.empty() || exposed.commands.empty()) continue;
    expected.tools[exposed.tool] = spokesman(exposed);
  }
  expected.variables = declaration.variables;
  expected.host_commands = system.commands;
  return expected;
}

witness::Request request_of(const project::Project& project, const activate::Generation& active,
                            const host::Build& built, const witness::Expected& expected) {
  witness::Request request;
  request.test = project.declaration.witness;
  request.test.front() = built.entrypoints.at(request.test.front()).path;
  request.directory = active.project.empty()
                          ? std::filesystem::absolute(project.directory()).native()
                          : active.project;
  request.inside = built.inside.path;
  for (const auto& [tool, command] : expected.tools) request.tools.push_back(command);
  for (const auto& [name, file] : expected.commands) request.commands.push_back(name);
  for (const auto& [name, value] : expected.variables) request.variables.push_back(name);
  return request;
}

base::Result<std::vector<witness::Path>> chosen(const declare::Declaration& declaration,
                                                const std::vector<std::string>& names) {
  std::vector<witness::Path> all = witness::paths(declaration);
  if (names.empty()) return all;
  std::vector<witness::Path> some;
  std::vector<std::string> known;
  for (const witness::Path& path : all) known.push_back(path.request());
  for (const std::string& name : names) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      return base::unexpected(base::fail("witness.unknown-path")
                                  .with("name", name)
                                  .with("likely", base::likely(name, known))
                                  .with("known", base::join(known, ", ")));
    }
    some.push_back(all[static_cast<std::size_t>(found - known.begin())]);
  }
  return some;
}

std::vector<witness::Exercise> exercise_all(Invocation& invocation, witness::Bench& bench,
                                            const std::vector<witness::Path>& paths,
                                            const witness::Request& request) {
  std::vector<witness::Exercise> all;
  invocation.progress().begin("running the test", paths.size(), base::Progress::Unit::things);
  for (const witness::Path& path : paths) {
    all.push_back(witness::exercise(bench, path, request));
    if (const auto& error = all.back().error) {
      all.back().obstacle = wording::message_of(*error);
    }
    invocation.progress().advance(1, path.title());
  }
  invocation.progress().end();
  invocation.end_progress();
  return all;
}

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

base::Result<int> run_witness(Invocation& invocation) {
  if (geteuid() != 0) return base::unexpected(base::fail("witness.not-root"));
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  if (project.declaration.witness.empty()) {
    return base::unexpected(base::fail("witness.no-test").with("file", project.file.native()));
  }
  CCCI_TRY(const auto paths, chosen(project.declaration, invocation.values("path")));
  CCCI_TRY(const std::uint64_t deadline, invocation.number("deadline", 300, longest_wait));
  CCCI_TRY(const lock::Lock locked, project::current_lock(project));
  CCCI_TRY(const activate::Generation active, active_generation(project));
  CCCI_TRY(const auto names, project::hosts(project, {active.host}));
  CCCI_TRY(store::Store store, store::Store::open(invocation.globals().state));
  CCCI_TRY(const host::Build built,
           project::build(project, invocation.context(), store, locked, names));
  const host::System& system = built.systems.at(active.host);
  CCCI_CHECK(is_current(active, system));

  HostSession session(invocation);
  const witness::Expected expected = expected_of(project.declaration, built, system);
  CCCI_TRY(witness::Desk desk, witness::Desk::open(invocation.globals().state));
  // A switch would pull away what is looked at, another witness what was asked.
  const Interruption interruption;
  CCCI_TRY(const base::Fd lock, session.switcher().lock());
  CCCI_CHECK(desk.clear());
  activate::Systemd& systemd = session.systemd();
  witness::Bench bench{.desk = desk, .systemd = systemd, .processes = base::real_processes()};
  bench.interrupted = &Interruption::happened;
  bench.deadline = std::chrono::seconds(deadline);
  CCCI_CHECK(witness::clear_fires(systemd, bench.runtime_units));
  const auto exercises =
      exercise_all(invocation, bench, paths, request_of(project, active, built, expected));
  const auto rows = witness::compare(expected, exercises);
  if (invocation.json()) {
    invocation.print(witness::to_json(expected, exercises, rows));
  } else {
    print_rows(invocation, rows);
  }
  return witness::verdict(rows) == witness::State::pass ? 0 : 1;
}

}  // namespace

const Command& witness_command() {
  static const Command command{
      .name = "witness",
      .section = "Hosts",
      .purpose = "run one test in every way that a job can start here, and compare",
      .options = {{.name = "path",
                   .value = "PATH",
                   .help = "use only this path: host, timer-NAME, runner-NAME, entrypoint-NAME",
                   .repeatable = true},
                  {.name = "deadline",
                   .value = "SECONDS",
                   .help = "time limit for one path",
                   .shown = "300"},
                  json_option()},
      .prose =
          "The witness is the test in [witness] of the declaration. A path is one way to start a "
          "job: the entrypoint, root's login shell, each timer's own units, a real job of each "
          "runner. Runs the test through every path and compares what the jobs saw from inside: "
          "exit status, environment, every command of every tool, versions, variables. A path that "
          "could not be used is unproven.\n\n"
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
