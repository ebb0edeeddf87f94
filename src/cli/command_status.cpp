// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "activate/drift.hpp"
#include "activate/runner_jobs.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/invocation.hpp"
#include "doctor/cron_checkup.hpp"
#include "project/build.hpp"
#include "project/lock_status.hpp"
#include "project/project.hpp"
#include "project/updates.hpp"
#include "store/store.hpp"
#include "view/changes.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t short_digest = 12;

struct Declared {
  bool there = false;  // true: a declaration for this machine was found
  activate::Drifts drifts;
};

activate::Drift not_switched(const std::string& found, const std::string& host) {
  return {"declaration", "switched to", found, "cc-ci switch " + host};
}

base::Result<Declared> compare_with_declaration(Invocation& invocation, store::Store& store,
                                                const activate::Generation& generation) {
  std::error_code error;
  if (!fs::exists(invocation.globals().file, error)) return Declared{};
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  const bool same =
      invocation.operands().empty() && project.declaration.hosts.contains(generation.host);
  const std::vector<std::string> named =
      same ? std::vector{generation.host} : invocation.operands();
  CCCI_TRY(const std::vector<std::string> names, project::hosts(project, named));
  // Without a generation and a matching name, this machine may not be a declared host.
  if (generation.number == 0 && project::host_of_machine(names).empty()) return Declared{};
  CCCI_TRY(const std::string host, this_host(project, invocation, named));
  Declared declared{true, {}};
  if (generation.number != 0 && host != generation.host) {
    declared.drifts.push_back(not_switched("the system of host " + generation.host, host));
    return declared;
  }
  CCCI_TRY(const project::LockStatus lock, project::lock_status(project));
  if (lock.state != project::LockStatus::State::current) {
    const bool stale = lock.state == project::LockStatus::State::stale;
    declared.drifts.push_back(not_switched(stale ? "newer than its lock" : "not locked", host));
    return declared;
  }
  CCCI_TRY(const auto planned,
           project::planned_system(project, invocation.context(), store, lock.lock, host));
  const std::string system = planned && store.has(*planned) ? planned->directory() : std::string();
  if (system.empty()) {
    declared.drifts.push_back(not_switched("locked, but not built", host));
  } else if (generation.number != 0 && system != generation.system) {
    activate::Drift drift = not_switched(generation.system.substr(0, short_digest), host);
    drift.expected = "system " + system.substr(0, short_digest);
    declared.drifts.push_back(std::move(drift));
  }
  return declared;
}

// The directories of `list` that `other` lacks. Long lists of directories hide what differs.
std::string only_in(std::string_view list, std::string_view other) {
  const std::vector<std::string_view> others = base::split(other, ':');
  std::vector<std::string> only;
  for (const std::string_view directory : base::split(list, ':')) {
    if (std::find(others.begin(), others.end(), directory) == others.end())
      only.emplace_back(directory);
  }
  return base::join(only, ":");
}

activate::Drift shortened(activate::Drift drift) {
  if (!drift.lists) return drift;
  const std::string missing = only_in(drift.expected, drift.found);
  const std::string extra = only_in(drift.found, drift.expected);
  if (missing.empty() && extra.empty()) {
    drift.expected = "the declared order";
    drift.found = "another order of the same directories";
    return drift;
  }
  drift.expected = missing.empty() ? "nothing else" : "with " + missing;
  drift.found = (missing.empty() ? "" : "without " + missing) +
                (missing.empty() || extra.empty() ? "" : ", ") +
                (extra.empty() ? "" : "also " + extra);
  return drift;
}

report::Table table_of(const activate::Drifts& drifts) {
  report::Table table({{.heading = "drift"},
                       {.heading = "expected", .elastic = true},
                       {.heading = "found", .elastic = true},
                       {.heading = "remedy"}});
  for (const activate::Drift& one : drifts) {
    const activate::Drift drift = shortened(one);
    table.row({drift.what, drift.expected, drift.found, drift.remedy});
  }
  return table;
}

// The commands of [notify] that this host runs.
base::Result<void> notify(Invocation& invocation, const activate::Generation& generation,
                          const activate::Drifts& drifts) {
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  const declare::Notify& declared = project.declaration.notify;
  if (declared.exec.empty()) return base::unexpected(base::fail("cli.no-notify"));
  const activate::Layout layout = host_layout();
  const char* const given = std::getenv("STATE_DIRECTORY");
  const fs::path directory =
      given != nullptr && *given == '/'
          ? fs::path(given)
          : layout.at(activate::jobs_directory) / std::string(declare::notify_unit);
  CCCI_CHECK(base::make_directories(directory));
  std::string now;
  for (const activate::Drift& drift : drifts) now += drift.what + "\n";
  const std::string before = base::read_file(directory / "told", 1U << 20U).value_or("");
  if (now == before) return {};
  base::Command command;
  command.argv = declared.exec;
  if (!command.argv.front().starts_with('/'))
    command.argv.front() = (layout.home() / "current/bin" / command.argv.front()).native();
  const std::string count = std::to_string(drifts.size());
  command.argv.insert(command.argv.begin(),
                      {"/usr/bin/env", "CC_CI_DRIFT=" + count, "CC_CI_HOST=" + generation.host});
  report::Style plain;
  command.input = drifts.empty() ? "the host is as declared again\n" : table_of(drifts).text(plain);
  command.time_limit = std::chrono::minutes(5);
  CCCI_TRY(const base::Outcome outcome, base::real_processes().run(command));
  if (outcome.status != 0) {
    return base::unexpected(base::fail("cli.notify")
                                .with("command", base::join(declared.exec, " "))
                                .with("status", outcome.status)
                                .with("output", base::trim(outcome.err)));
  }
  // Only now: a message that was not sent is sent again at the next look.
  return base::replace_file(directory / "told", now);
}

void print(Invocation& invocation, const activate::Generation& generation,
           const activate::Drifts& drifts, bool declared) {
  const std::string name =
      generation.number == 0
          ? "no generation"
          : "generation " + std::to_string(generation.number) + " of host " + generation.host;
  if (drifts.empty()) {
    if (generation.number == 0) {
      invocation.out().line("no generation is active");
      return;
    }
    invocation.out().line(
        name + (declared ? " is active, as declared"
                         : " is active, without drift; there is no declaration to compare with"));
    return;
  }
  invocation.print(table_of(drifts));
  invocation.out().line(name + ": " + base::counted(drifts.size(), "difference"));
}

base::Json to_json(const activate::Generation& generation, const activate::Drifts& drifts,
                   bool declared) {
  base::Json json{{"schema", 1},
                  {"generation", generation.number},
                  {"host", generation.host},
                  {"system", generation.system},
                  {"environment", generation.environment},
                  {"declaration", declared},
                  {"drift", base::Json::array()}};
  for (const activate::Drift& drift : drifts) {
    json["drift"].push_back({{"what", drift.what},
                             {"expected", drift.expected},
                             {"found", drift.found},
                             {"remedy", drift.remedy}});
  }
  return json;
}

base::Json left_json(const std::vector<activate::RunnerJob>& left) {
  base::Json rows = base::Json::array();
  for (const activate::RunnerJob& job : left) {
    rows.push_back({{"unit", job.unit},
                    {"pid", static_cast<std::uint64_t>(job.pid)},
                    {"command", job.command},
                    {"seconds", static_cast<std::uint64_t>(job.age.count())}});
  }
  return rows;
}

constexpr const char* update_remedy = "cc-ci lock --update, then cc-ci switch";

activate::Drift update_row(const std::vector<lock::Change>& security) {
  std::vector<std::string> names;
  for (const lock::Change& change : security)
    names.push_back(change.package + " " + change.before + " -> " + change.after);
  return {"security updates", "none pending",
          base::counted(security.size(), "package") + ": " + base::join(names, ", "),
          update_remedy};
}

// The updates of the archive for the present lock. Nothing without a project that is locked.
base::Result<std::optional<project::Updates>> look_for_updates(Invocation& invocation) {
  if (!invocation.has("updates")) return std::optional<project::Updates>{};
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  CCCI_TRY(const lock::Lock lock, project::current_lock(project));
  CCCI_TRY(project::Updates updates, project::pending_updates(project, invocation.context(), lock));
  return std::optional(std::move(updates));
}

base::Result<int> run_status(Invocation& invocation) {
  HostSession session(invocation);
  CCCI_CHECK(session.switcher().check_host(invocation.command().name));
  const activate::Generations& generations = session.switcher().generations();
  CCCI_TRY(store::Store store, look_at_store(invocation));
  const activate::Generation generation = generations.standing();
  CCCI_TRY(activate::Drifts drifts, activate::find_drift(generations, store, session.systemd(),
                                                         base::real_processes(), generation));
  CCCI_TRY(Declared declared, compare_with_declaration(invocation, store, generation));
  for (activate::Drift& drift : declared.drifts) drifts.push_back(std::move(drift));
  if (declared.there && generation.number == 0 && declared.drifts.empty()) {
    drifts.push_back(not_switched("nothing is installed", ""));
  }
  CCCI_TRY(const auto updates, look_for_updates(invocation));
  if (updates && !updates->security.empty()) drifts.push_back(update_row(updates->security));
  invocation.end_progress();
  const std::vector<doctor::CronJob> cron = doctor::cron_jobs(host_layout().at("/"));
  const auto outside = static_cast<std::size_t>(std::count_if(
      cron.begin(), cron.end(), [](const doctor::CronJob& job) { return !job.is_inside(); }));
  CCCI_TRY(const std::vector<activate::RunnerJob> left,
           activate::left_by_jobs(session.systemd(), base::keys_of(generation.attached)));
  if (invocation.has("notify")) {
    CCCI_CHECK(notify(invocation, generation, drifts));
    return 0;
  }
  if (invocation.json()) {
    base::Json json = to_json(generation, drifts, declared.there);
    json["cron_jobs_outside"] = outside;
    json["left_by_jobs"] = left_json(left);
    if (updates) {
      json["updates"] = {{"security", view::changes_json(updates->security)},
                         {"others", view::changes_json(updates->others)}};
    }
    invocation.print(json);
  } else {
    print(invocation, generation, drifts, declared.there);
    for (const activate::RunnerJob& job : left)
      invocation.out().line(activate::describe(job) + ": kill " + std::to_string(job.pid));
    if (outside > 0) {
      invocation.out().line(base::counted(outside, "cron job") +
                            " outside of the environment: cc-ci doctor");
    }
    if (updates && !updates->others.empty()) {
      invocation.out().line(base::counted(updates->others.size(), "other update") +
                            " pending: cc-ci lock --update --dry-run");
    }
  }
  return drifts.empty() ? 0 : 1;
}

}  // namespace

const Command& status_command() {
  static const Command command{
      .name = "status",
      .section = "Hosts",
      .purpose = "compare this machine with its generation and the declaration",
      .operands = {{.name = "HOST", .optional = true, .completes = Completion::host}},
      .options = {{.name = "updates",
                   .help = "also ask the archive for security updates of locked packages; uses the "
                           "network"},
                  {.name = "notify",
                   .help = "print nothing; run the command of [notify] if the differences changed "
                           "since the last time"},
                  json_option()},
      .prose =
          "Names each difference and what to type:\n\n"
          "  files, links and units that were changed by hand\n"
          "  timers that are not active or not enabled\n"
          "  runner processes that run in another environment\n"
          "  a PATH with other directories before the declared tools\n"
          "  leftovers of a killed switch or witness\n"
          "  a declaration or lock that is not active yet\n"
          "  with --updates: security updates that the lock lacks\n\n"
          "Processes that an ended job left in a runner's service are listed too; they are no "
          "difference.\n\n"
          "Without a declaration, the last check is left out.",
      .statuses = {{"1", "there is a difference"}},
      .example = "cc-ci status --json",
      .run = &run_status,
  };
  return command;
}

}  // namespace ccci::cli
