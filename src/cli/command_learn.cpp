// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/invocation.hpp"
#include "cli/learned.hpp"
#include "cli/signals.hpp"
#include "learn/project_edit.hpp"
#include "learn/trace.hpp"
#include "project/project.hpp"

namespace ccci::cli {

namespace {

void print_end(Invocation& invocation, const learn::Trace& trace) {
  invocation.out().line("the command ended with status " + std::to_string(trace.status) +
                        ", after " + base::counted(trace.programs, "program"));
}

base::Result<int> run_learn(Invocation& invocation) {
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  const std::vector<std::string> path = own_path();
  learn::Run run;
  run.words = invocation.operands();
  run.path_directories = path;
  run.output_to_stderr = true;
  run.before_exec = &restore_broken_pipe;
  run.left_behind = &tell_left_behind;
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
  learn::name_packages_of_npm(findings);
  if (!invocation.json()) {
    print_findings(invocation, findings);
    if (findings.needs.empty() && findings.outside.empty() && findings.npm_modules.empty()) {
      invocation.out().line("nothing to add: the declaration has what the command used");
    }
    print_end(invocation, trace);
  }
  std::vector<std::string> added;
  if (invocation.has("apply")) {
    CCCI_TRY(added, learn::apply(project, findings));
  }
  if (invocation.json()) {
    base::Json json{{"schema", 1},
                    {"command", base::Json::array()},
                    {"status", trace.status},
                    {"programs", trace.programs},
                    {"truncated", trace.truncated}};
    for (const std::string& word : run.words) json["command"].push_back(base::printable(word));
    json.update(cli::to_json(findings));
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
      .operands = {{.name = "COMMAND", .completes = Completion::program},
                   {.name = "ARG", .optional = true, .repeatable = true}},
      .options = {{.name = "apply", .help = "add the names to the declaration"}, json_option()},
      .passes_rest = true,
      .prose =
          "Records what COMMAND and its child processes execute, open and search for on PATH, and "
          "asks dpkg for the packages. Lists the tools and modules that the environment does not "
          "have on PATH. With --apply the names are added to the ends of the lists in the "
          "declaration; its comments, order and layout stay.\n\n"
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
