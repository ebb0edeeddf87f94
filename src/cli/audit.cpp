// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/audit.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.hpp"
#include "cli/learned.hpp"
#include "cli/signals.hpp"
#include "environment/part.hpp"
#include "learn/findings.hpp"
#include "learn/trace.hpp"
#include "project/project.hpp"
#include "report/error_text.hpp"
#include "report/progress.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

// The package that has the command in the environment's root, out of PATH; empty where none has.
base::Result<std::string> package_inside(const store::Store& store, const lock::Lock& lock,
                                         const environment::Environment& environment,
                                         const std::string& command) {
  for (const std::string directory : {"usr/bin/", "usr/sbin/", "usr/games/"}) {
    const std::string path = directory + command;
    if (!fs::exists(fs::symlink_status(fs::path(environment.root) / path))) continue;
    for (const source::Package& package : lock.closure(environment.set)) {
      CCCI_TRY(const auto parts, environment::read_parts(store, {package}));
      if (parts.front().manifest.find(path) != nullptr) return package.name;
    }
  }
  return std::string{};
}

}  // namespace

base::Result<int> audit(Invocation& invocation, const project::Project& project,
                        const store::Store& store, const lock::Lock& lock, const Audited& audited) {
  learn::Run run;
  run.words = audited.words;
  run.path_directories = audited.environment.paths();
  run.before_exec = &restore_broken_pipe;
  run.left_behind = &tell_left_behind;
  invocation.end_progress();
  CCCI_CHECK(invocation.out().flush());
  CCCI_TRY(const learn::Trace trace, learn::trace(run));
  const report::Style style = report::style_of(
      STDERR_FILENO, invocation.globals().color,
      [](const char* name) { return static_cast<const char*>(std::getenv(name)); });
  std::vector<learn::Missing> missing = learn::missing_commands(trace, run.path_directories, {});
  if (missing.empty()) {
    if (invocation.globals().verbosity >= 0) {
      report::standard_error().write(
          report::render_note("audit: " + base::counted(trace.programs, "program") +
                                  " run, every command that was searched for on PATH was found",
                              style));
    }
    return trace.status;
  }
  // Whose it would be, this machine's dpkg may know; where there is none, nobody does.
  const auto host =
      learn::ask_host(learn::paths_to_ask(trace, run.path_directories), base::real_processes());
  if (host) missing = learn::missing_commands(trace, run.path_directories, *host);
  for (const learn::Missing& one : missing) {
    CCCI_TRY(const std::string inside,
             package_inside(store, lock, audited.environment, one.command));
    const std::string& package = inside.empty() ? one.package : inside;
    base::Error error =
        base::fail("learn.missing").with("name", one.command).with("file", project.file.native());
    // Where the launcher looked, it looked for the command itself.
    const bool launcher = one.why.command.starts_with(audited.words.front());
    const std::string by = launcher ? base::join(invocation.operands(), " ") : one.why.command;
    if (!by.empty()) error = std::move(error).with("by", by);
    if (!inside.empty()) error = std::move(error).with("inside", inside);
    if (!package.empty()) error = std::move(error).with("package", package);
    report::standard_error().write(report::render_warning(error, style));
  }
  return trace.status;
}

}  // namespace ccci::cli
