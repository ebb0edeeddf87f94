// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>

#include "activate/system_object.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/gate_service.hpp"
#include "cli/open_store.hpp"
#include "command/interruption.hpp"
#include "command/invocation.hpp"
#include "deploy/program_place.hpp"
#include "doctor/project_checkup.hpp"
#include "project/build.hpp"
#include "project/project.hpp"
#include "store/store.hpp"
#include "view/activation.hpp"
#include "witness/request_queue.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

// The system to activate, and its project.
struct Wanted {
  store::Address system;
  fs::path directory;  // the project's; empty: the one of the generation before
  std::optional<project::Project> project = {};
  std::string host = {};
};

base::Result<Wanted> wanted_system(Invocation& invocation, store::Store& store) {
  if (const auto named = invocation.value("system")) {
    CCCI_TRY(store::Address system, activate::find_system(store, *named));
    return Wanted{std::move(system), {}};
  }
  CCCI_TRY(project::Project project, project::open(invocation.globals().file));
  CCCI_TRY(const std::string host, this_host(project, invocation, invocation.operands()));
  const bool resolves = !invocation.has("locked") && !invocation.has("dry-run");
  CCCI_TRY(store::Address system,
           project::build_system(project, invocation.context(), store, host, resolves));
  const fs::path directory = fs::absolute(project.directory()).lexically_normal();
  return Wanted{std::move(system), directory, std::move(project), host};
}

std::string without_slash(const fs::path& path) {
  return (path.has_filename() ? path : path.parent_path()).native();
}

base::Result<int> run_switch(Invocation& invocation) {
  const bool dry_run = invocation.has("dry-run");
  CCCI_TRY(const auto deadline, deadline_of(invocation));
  HostSession session(invocation);
  activate::Switcher& switcher = session.switcher();
  CCCI_CHECK(switcher.check_host(invocation.command().name));
  CCCI_TRY(store::Store store, open_store(invocation));
  CCCI_TRY(Wanted wanted, wanted_system(invocation, store));
  const fs::path from = wanted.directory;
  if (const auto project = invocation.value("project")) wanted.directory = fs::absolute(*project);
  std::string overridden;
  if (wanted.project && !dry_run) {
    CCCI_TRY(overridden, require_gates(invocation, *wanted.project, "switch"));
  }
  activate::SwitchRequest request;
  request.system = wanted.system;
  request.project = wanted.directory.empty() ? "" : without_slash(wanted.directory);
  request.origin = [&]() -> activate::Origin {
    activate::Origin origin;
    if (const auto commit = invocation.value("commit")) {
      origin.commit = *commit;
    } else if (!from.empty()) {
      origin = origin_of(from);
    }
    origin.override_reason = overridden;
    return origin;
  };
  if (wanted.project) {
    request.inspect = [&](const std::vector<std::string>& restarted) {
      return doctor::require_services(*wanted.project, store, session.machine(), wanted.host,
                                      restarted);
    };
  }
  request.dry_run = dry_run;
  request.announce = view::announcer(invocation, dry_run);
  request.deadline = deadline;
  CCCI_TRY(const JobsChoice choice, jobs_choice(invocation, activate::Jobs::wait));
  request.jobs = choice.jobs;
  request.jobs_limit = choice.limit;
  // Hardened runners can write into the witness's directory only if it exists when they start.
  if (!dry_run) CCCI_CHECK(witness::RequestQueue::open(invocation.globals().state));
  const command::Interruption interruption;
  CCCI_TRY(const base::Fd lock, switcher.lock());
  CCCI_TRY(const activate::Switched switched, switcher.switch_to(store, request));
  if (!dry_run)
    CCCI_CHECK(deploy::adopt_program(host_layout(), store.state(), deploy::running_program()));
  view::print_switched(invocation, switched, dry_run);
  return 0;
}

}  // namespace

const Command& switch_command() {
  static const Command command{
      .name = "switch",
      .section = "Hosts",
      .purpose = "build a host's system and activate it on this machine",
      .operands = {{.name = "HOST", .optional = true, .completes = Completion::host}},
      .options = {{.name = "locked", .help = "never resolve; fail if the lock is missing or stale"},
                  dry_run_option(),
                  {.name = "system",
                   .value = "OBJECT",
                   .help = "activate this system of the store (a path or the first digits of a "
                           "hash) and build nothing",
                   .completes = Completion::directory},
                  {.name = "project",
                   .value = "DIR",
                   .help = "working directory of the timers' jobs",
                   .shown = "the declaration's directory",
                   .completes = Completion::directory},
                  {.name = "commit",
                   .value = "ID",
                   .help = "record this commit",
                   .shown = "HEAD of the project"},
                  {.name = "deadline",
                   .value = "SECONDS",
                   .help = "time for the host to become healthy",
                   .shown = "from [health], else 60"},
                  override_option(),
                  jobs_option("wait"),
                  jobs_limit_option(),
                  json_option()},
      .prose =
          "Without HOST, the declared host with this machine's name, or the only host. Verifies "
          "the new objects of the store first. Then it does these steps: pause timers, make the "
          "links of the units, rename the link 'current' to the new generation, reload systemd, "
          "restart the runners whose unit changed, start the timers. A running timer job is not "
          "stopped. A runner that is working is restarted when its jobs have ended. A timer whose "
          "schedule changed does not run because of the switch.\n\n"
          "If the host is not healthy before the deadline, the old generation is restored, the "
          "evidence is kept in evidence/ of the state directory, and the exit status is 1. If the "
          "switch is killed at any moment, one complete generation is active; run the same command "
          "again to finish.",
      .example = "cc-ci switch ci-1 --dry-run",
      .run = &run_switch,
  };
  return command;
}

}  // namespace ccci::cli
