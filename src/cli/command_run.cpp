// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "cli/audit.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/invocation.hpp"
#include "environment/environment.hpp"
#include "environment/plan.hpp"
#include "host/build.hpp"
#include "lock/lock.hpp"
#include "project/build.hpp"
#include "project/lock_status.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::cli {

namespace {

// The mount point of the file system that has the file.
std::string mount_of(std::filesystem::path path) {
  struct stat here {};
  struct stat above {};
  if (stat(path.c_str(), &here) != 0) return path.native();
  while (path.has_relative_path() && stat(path.parent_path().c_str(), &above) == 0 &&
         above.st_dev == here.st_dev) {
    path = path.parent_path();
  }
  return path.native();
}

struct Ready {
  store::Store store;
  host::Build build;
};

// What the system's store has of the project's environment. A second store would need a gigabyte.
std::optional<Ready> built_for_the_system(Invocation& invocation, const project::Project& project,
                                          const lock::Lock& lock,
                                          const std::vector<std::string>& hosts) {
  auto store = system_store(invocation);
  if (!store) return std::nullopt;
  const project::Context context{store->state(), true, invocation.progress()};
  auto planned = project::plan(project, context, *store, lock, hosts);
  if (!planned || !*planned) return std::nullopt;
  for (const store::Address& object : (*planned)->objects()) {
    // A host's system is not executed here.
    if (object.kind != store::Kind::system && !store->has(object)) return std::nullopt;
  }
  return Ready{*std::move(store), **std::move(planned)};
}

base::Result<Ready> ready(Invocation& invocation, const project::Project& project,
                          const lock::Lock& lock, const std::vector<std::string>& hosts) {
  if (auto found = built_for_the_system(invocation, project, lock, hosts)) return *std::move(found);
  CCCI_TRY(store::Store store, open_store(invocation));
  if (invocation.globals().home_state &&
      !store.has(environment::address_of(project.declaration, lock, "shared"))) {
    invocation.progress().note("building in " + store.state().native() +
                               ": the system's store does not have this environment");
  }
  CCCI_TRY(host::Build build, project::build(project, invocation.context(), store, lock, hosts));
  return Ready{std::move(store), std::move(build)};
}

// Executes the launcher in this process. PID, terminal and descriptors stay the same. So signals
// reach the command itself, and the exit status is the command's own. With --audit the launcher is
// a traced child instead.
base::Result<int> enter(Invocation& invocation, const std::vector<std::string>& command,
                        bool audited) {
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  CCCI_TRY(const lock::Lock lock, project::current_lock(project));
  const std::optional<std::string> host = invocation.value("host");
  std::vector<std::string> names;
  if (host) {
    CCCI_TRY(names, project::hosts(project, {*host}));
  }
  CCCI_TRY(const Ready made, ready(invocation, project, lock, names));
  const host::Build& built = made.build;
  const host::EntrypointObject& inside = host ? built.host_inside.at(*host) : built.inside;

  std::vector<std::string> words{built.launcher};
  if (invocation.has("pure")) words.emplace_back("--pure");
  words.push_back(inside.path);
  words.insert(words.end(), command.begin(), command.end());
  if (audited) {
    const environment::Environment& environment =
        host ? *built.systems.at(*host).environment : built.environment;
    return audit(invocation, project, made.store, lock, {std::move(words), environment});
  }
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  CCCI_CHECK(invocation.hand_over());
  execv(built.launcher.c_str(), argv.data());
  const int number = errno;
  struct statvfs status {};
  if (number == EACCES && statvfs(built.launcher.c_str(), &status) == 0 &&
      (status.f_flag & ST_NOEXEC) != 0) {
    return base::unexpected(base::fail("cli.noexec")
                                .with("path", built.launcher)
                                .with("mount", mount_of(built.launcher)));
  }
  return base::unexpected(
      base::fail("base.exec").with("command", built.launcher).with_errno(number));
}

base::Result<int> run_run(Invocation& invocation) {
  return enter(invocation, invocation.operands(), invocation.has("audit"));
}

base::Result<int> run_shell(Invocation& invocation) {
  // bash must not read start-up files: they are written for the host and put its directories on
  // PATH.
  return enter(invocation, {"bash", "--noprofile", "--norc"}, false);
}

Option host_option() {
  return {.name = "host",
          .value = "HOST",
          .help = "the environment of HOST, with its extra tools",
          .completes = Completion::host};
}

Option pure_option() {
  return {.name = "pure", .help = "keep only a short list of the caller's variables"};
}

}  // namespace

const Command& run_command() {
  static const Command command{
      .name = "run",
      .section = "Run",
      .purpose = "run a command in the environment",
      .operands = {{.name = "COMMAND", .completes = Completion::program},
                   {.name = "ARG", .optional = true, .repeatable = true}},
      .options = {host_option(),
                  pure_option(),
                  {.name = "audit",
                   .help = "list afterwards which commands were searched for and not found"}},
      .passes_rest = true,
      .prose =
          "Builds what is missing; a user takes the environment from the system's store if it is "
          "there. Then COMMAND replaces this process: it keeps the terminal and "
          "the directory, and cc-ci changes neither its exit status nor its signals. PATH is "
          "replaced, never appended to. Variables that would load libraries or modules of the host "
          "are dropped.\n\n"
          "With --audit, COMMAND is traced. Afterwards standard error lists the commands that "
          "COMMAND and its child processes searched for in every directory of PATH and did not "
          "find, with their packages. The exit status is COMMAND's, or 128 plus the number of the "
          "signal that ended it.",
      .statuses = {{"125", "the environment could not be entered"},
                   {"126", "COMMAND was found but could not be run"},
                   {"127", "COMMAND is not in the environment"},
                   {"else", "COMMAND's own"}},
      .example = "cc-ci run -- git lfs version",
      .run = &run_run,
  };
  return command;
}

const Command& shell_command() {
  static const Command command{
      .name = "shell",
      .section = "Run",
      .purpose = "open a shell in the environment",
      .options = {host_option(), pure_option()},
      .prose =
          "Starts an interactive bash without start-up files, because these belong to the host.",
      .statuses = {{"125", "the environment could not be entered"}, {"else", "the shell's own"}},
      .example = "cc-ci shell",
      .run = &run_shell,
  };
  return command;
}

}  // namespace ccci::cli
