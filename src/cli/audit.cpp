// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/audit.hpp"

#include <unistd.h>

#include <cstdlib>

#include "base/text.hpp"
#include "cli/debian_package.hpp"
#include "command/signals.hpp"
#include "declare/known_commands.hpp"
#include "learn/analysis.hpp"
#include "learn/trace.hpp"
#include "project/project.hpp"
#include "project/view.hpp"
#include "report/error_text.hpp"
#include "report/progress.hpp"
#include "view/findings.hpp"

namespace ccci::cli {

base::Result<int> audit(Invocation& invocation, const project::Project& project,
                        const store::Store& store, const lock::Lock& lock, const Audited& audited) {
  learn::Run run;
  run.words = audited.words;
  run.path_directories = audited.environment.paths();
  run.before_exec = &command::restore_broken_pipe;
  run.left_behind = &view::tell_left_behind;
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
  // This machine's dpkg may know the package of a missing command. Without dpkg the package is
  // unknown.
  const auto host =
      learn::ask_host(learn::paths_to_ask(trace, run.path_directories), base::real_processes());
  if (host) missing = learn::missing_commands(trace, run.path_directories, *host);
  for (const learn::Missing& one : missing) {
    CCCI_TRY(const std::string inside,
             project::package_of_command(store, lock, audited.environment, one.command));
    std::string package = inside.empty() ? one.package : inside;
    // On a bare host dpkg does not know it.
    if (package.empty()) package = declare::package_of(one.command);
    if (package.empty() && is_debian_package(invocation, project, store, one.command)) {
      package = one.command;
    }
    base::Error error =
        base::fail("learn.missing").with("name", one.command).with("file", project.file.native());
    // If the launcher made the search, it searched for the user's command itself.
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
