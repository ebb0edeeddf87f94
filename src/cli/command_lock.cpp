// SPDX-License-Identifier: GPL-3.0-or-later

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "lock/changes.hpp"
#include "project/acceptance.hpp"
#include "project/lock_status.hpp"
#include "project/project.hpp"
#include "project/resolve.hpp"
#include "view/changes.hpp"

namespace ccci::cli {

namespace {

void warn_of_descents(Invocation& invocation, const lock::Lock& before, const lock::Lock& after) {
  for (const auto& [descent, count] : lock::descents(before, after)) {
    invocation.warn(base::fail("lock.descent")
                        .with("count", static_cast<long long>(count))
                        .with("from", descent.from)
                        .with("to", descent.to));
  }
}

// Only these move, beside what was named.
void warn_of_lost(Invocation& invocation, const std::vector<std::string>& lost) {
  if (lost.empty()) return;
  constexpr std::size_t most = 8;
  std::vector<std::string> some = lost;
  some.resize(std::min(most, lost.size()));
  if (lost.size() > most) some.push_back(std::to_string(lost.size() - most) + " more");
  invocation.warn(base::fail("lock.lost")
                      .with("count", base::counted(lost.size(), "package"))
                      .with("packages", base::join(some, ", ")));
}

void print_changes(Invocation& invocation, const project::Project& project, const lock::Lock& lock,
                   const std::vector<lock::Change>& changes, bool written, bool first) {
  if (invocation.json()) {
    invocation.print(base::Json{{"schema", 1},
                                {"lock", project.lock_file.native()},
                                {"written", written},
                                {"packages", lock.packages.size()},
                                {"changes", view::changes_json(changes)}});
    return;
  }
  // A first lock would list every package as added. The lock file itself shows this better.
  if (!first || invocation.globals().verbosity > 0) invocation.print(view::changes_table(changes));
  invocation.out().line(project.lock_file.native() + ": " +
                        base::counted(lock.packages.size(), "package") + ", " +
                        view::changes_summary(changes) + (written ? "" : " (not written)"));
}

base::Result<int> check(Invocation& invocation, const project::Project& project,
                        const project::LockStatus& status) {
  const bool agrees = status.state == project::LockStatus::State::current;
  if (invocation.json() && status.state != project::LockStatus::State::missing) {
    invocation.print(base::Json{{"schema", 1},
                                {"lock", project.lock_file.native()},
                                {"agrees", agrees},
                                {"missing", status.differs.missing},
                                {"extra", status.differs.extra}});
    return agrees ? 0 : 1;
  }
  if (!agrees) return base::unexpected(project::lock_error(project, status));
  invocation.out().line(project.lock_file.native() + ": agrees with " + project.file.native());
  return 0;
}

base::Result<int> run_lock(Invocation& invocation) {
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  CCCI_TRY(const project::LockStatus status, project::lock_status(project));
  if (invocation.has("check")) return check(invocation, project, status);
  std::optional<lock::Lock> previous;
  if (status.state != project::LockStatus::State::missing) previous = status.lock;
  const bool update = invocation.has("update");
  if (!update && !invocation.operands().empty()) {
    return base::unexpected(
        base::fail("cli.needs-update").with("name", invocation.operands().front()));
  }
  // The lock is current and no update is requested, so cc-ci does not use the network.
  if (!update && status.state == project::LockStatus::State::current) {
    print_changes(invocation, project, *previous, {}, true, false);
    return 0;
  }
  CCCI_TRY(const std::vector<std::string> names,
           project::packages_of(project, previous, invocation.operands()));
  CCCI_TRY(const project::Resolved resolved,
           project::resolve(project, invocation.context(), previous ? &*previous : nullptr,
                            {update && names.empty(), names}));
  const lock::Lock& lock = resolved.lock;
  CCCI_CHECK(project::check_before_accepting(project, invocation.context(), lock));
  invocation.end_progress();
  if (previous) warn_of_descents(invocation, *previous, lock);
  warn_of_lost(invocation, resolved.lost);
  const bool write = !invocation.has("dry-run");
  if (write) CCCI_CHECK(base::replace_file(project.lock_file, lock::write(lock)));
  print_changes(invocation, project, lock, lock::changes(previous.value_or(lock::Lock{}), lock),
                write, !previous);
  return 0;
}

}  // namespace

const Command& lock_command() {
  static const Command command{
      .name = "lock",
      .section = "Lock and build",
      .purpose = "resolve the declaration to exact packages and record them",
      .operands =
          {{.name = "TOOL", .optional = true, .repeatable = true, .completes = Completion::tool}},
      .options = {{.name = "update",
                   .help = "update TOOL, or everything without TOOL, to the newest version"},
                  {.name = "check",
                   .help = "check whether lock and declaration agree; change nothing"},
                  dry_run_option(),
                  json_option()},
      .prose =
          "Resolves the declaration with apt's own solver for an empty system. Writes cc-ci.lock "
          "next to the declaration: version, size, SHA-256, origin and reason of every package. A "
          "locked package keeps its version, unless it has to change or --update names it. If "
          "nothing has to change, the network is not used.\n\n"
          "Signatures are always verified. The state of the host's own apt and dpkg is neither "
          "read nor written. lock does not need root.",
      .statuses = {{"1", "with --check: lock and declaration disagree"}},
      .example = "cc-ci lock --update git",
      .run = &run_lock,
  };
  return command;
}

}  // namespace ccci::cli
