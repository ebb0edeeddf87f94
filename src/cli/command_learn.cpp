// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "activate/systemd.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "command/signals.hpp"
#include "doctor/unit_command.hpp"
#include "learn/analysis.hpp"
#include "learn/project_edit.hpp"
#include "learn/trace.hpp"
#include "project/project.hpp"
#include "view/findings.hpp"

namespace ccci::cli {

namespace {

void print_end(Invocation& invocation, const learn::Trace& trace) {
  invocation.out().line("the command ended with status " + std::to_string(trace.status) +
                        ", after " + base::counted(trace.programs, "program"));
}

// The command of a service, as systemd would start it.
base::Result<void> follow_unit(const std::string& name, learn::Run& run) {
  if (geteuid() != 0) {
    return base::unexpected(base::fail("learn.not-root")
                                .with("user", static_cast<long long>(geteuid()))
                                .with("unit", name));
  }
  const std::string unit = name.find('.') == std::string::npos ? name + ".service" : name;
  activate::RealSystemd systemd(base::real_processes());
  CCCI_TRY(const auto states, systemd.show({unit}));
  const activate::UnitState& state = states.at(0);
  // Two processes of one service would fight for its port or its files.
  if (state.active == "active" || state.active == "activating")
    return base::unexpected(
        base::fail("doctor.unit-runs").with("unit", unit).with("found", state.active));
  CCCI_TRY(
      const doctor::UnitCommand command,
      doctor::unit_command(doctor::observe_unit(unit, state.load, state.fragment, state.drop_ins)));
  run.words = command.words;
  run.directory = command.directory;
  run.environment = command.environment();
  if (!command.user.empty())
    run.identity = learn::Identity{command.uid, command.gid, command.groups};
  for (const std::string_view directory : base::split(command.variables.at("PATH"), ':'))
    run.path_directories.emplace_back(directory);
  return {};
}

// systemd, cron and docker do the work in other processes.
void warn_if_elsewhere(Invocation& invocation, const std::vector<std::string>& words) {
  const std::string program = std::filesystem::path(words.front()).filename();
  const bool starts = std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word == "start" || word == "restart" || word == "reload-or-restart";
  });
  if (program == "systemctl" && starts)
    invocation.warn(
        "systemctl asks systemd to do the work, so nothing of it was recorded; "
        "use: cc-ci learn --unit NAME");
}

base::Json to_json(const learn::Run& run, const learn::Trace& trace) {
  base::Json json{{"schema", 1},
                  {"command", base::Json::array()},
                  {"status", trace.status},
                  {"programs", trace.programs},
                  {"truncated", trace.truncated}};
  for (const std::string& word : run.words) json["command"].push_back(base::printable(word));
  return json;
}

base::Result<int> run_learn(Invocation& invocation) {
  const auto unit = invocation.value("unit");
  if (unit.has_value() != invocation.operands().empty()) {
    return base::unexpected(base::fail("learn.what").with("found", unit ? "both" : "neither"));
  }
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  learn::Run run;
  if (unit) {
    CCCI_CHECK(follow_unit(*unit, run));
  } else {
    run.words = invocation.operands();
    run.path_directories = view::own_path();
    warn_if_elsewhere(invocation, run.words);
  }
  const std::vector<std::string> path = run.path_directories;
  run.output_to_stderr = true;
  run.before_exec = &command::restore_broken_pipe;
  run.left_behind = &view::tell_left_behind;
  CCCI_TRY(const learn::Trace trace, learn::trace(run));
  if (trace.truncated) {
    invocation.warn("the command used too many different files: the last ones are not listed");
  }
  CCCI_TRY(const learn::HostPackages host,
           learn::ask_host(learn::paths_to_ask(trace, path), base::real_processes()));
  CCCI_TRY(const learn::Inside inside, learn::inside_of(project, invocation.globals().state, host));
  std::error_code ignored;
  const std::string directory = std::filesystem::canonical(project.directory(), ignored).string();
  learn::Findings findings =
      learn::analyse(project.declaration, inside, host, trace, path, directory);
  learn::add_digests(findings.outside);
  learn::name_packages_of_npm(findings, directory);
  if (!invocation.json()) {
    view::print_findings(invocation, findings);
    if (findings.needs.empty() && findings.outside.empty() && findings.npm_modules.empty() &&
        findings.packages.empty() && findings.unknown_modules.empty()) {
      invocation.out().line("nothing to add: the declaration has what the command used");
    }
    print_end(invocation, trace);
  }
  std::vector<std::string> added;
  if (invocation.has("apply")) {
    CCCI_TRY(added, learn::apply(project, findings));
  }
  if (invocation.json()) {
    base::Json json = to_json(run, trace);
    json.update(view::to_json(findings));
    json["added"] = added;
    invocation.print(json);
  } else if (!added.empty()) {
    invocation.out().line(project.file.native() + ": added " + base::join(added, ", ") +
                          "; then: cc-ci lock && cc-ci build");
  }
  return 0;
}

}  // namespace

const Command& learn_command() {
  static const Command command{
      .name = "learn",
      .section = "Start",
      .purpose = "run a command on the host and list what the declaration lacks for it",
      .operands = {{.name = "COMMAND", .optional = true, .completes = Completion::program},
                   {.name = "ARG", .optional = true, .repeatable = true}},
      .options = {{.name = "unit",
                   .value = "NAME",
                   .help = "run the command of this service of systemd, with its user, directory "
                           "and variables"},
                  {.name = "apply", .help = "add the names and rules to the declaration"},
                  json_option()},
      .passes_rest = true,
      .prose =
          "Records what COMMAND and its child processes execute, open and search for on PATH, and "
          "asks dpkg for the packages. Lists the tools and modules that the environment does not "
          "have on PATH. Packages whose files were opened and that nothing else brings, such as "
          "headers, go to `packages`. With --apply the names are added to the ends of the lists in "
          "the declaration, and rules for what comes from the Python package index or the npm "
          "registry "
          "to its end; its comments, order and layout stay.\n\n"
          "Standard output is only for the report: COMMAND's standard output goes to standard "
          "error. COMMAND gets standard input and the terminal. learn waits for processes that "
          "COMMAND leaves running. Programs of another architecture are not recorded. strace or a "
          "debugger cannot attach to the processes. Without root, sudo and other set-user-id "
          "programs get no more rights.\n\n"
          "The report contains COMMAND's exit status. The exit status of learn itself is 0 if "
          "COMMAND could be traced.",
      .statuses = {{"0", "COMMAND was traced, whatever its own status"}},
      .example = "cc-ci learn --apply -- ./run-tests",
      .run = &run_learn,
  };
  return command;
}

}  // namespace ccci::cli
