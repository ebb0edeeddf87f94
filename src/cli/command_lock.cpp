// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/changes_text.hpp"
#include "cli/commands.hpp"
#include "cli/project.hpp"

namespace ccci::cli {

namespace {

void print_changes(Invocation& invocation, const Project& project, const lock::Lock& lock,
                   const std::vector<lock::Change>& changes, bool written, bool first) {
  if (invocation.json()) {
    invocation.print(base::Json{{"schema", 1},
                                {"lock", project.lock_file.native()},
                                {"written", written},
                                {"packages", lock.packages.size()},
                                {"changes", changes_json(changes)}});
    return;
  }
  // A first lock would list everything as added; the lock itself tells that better.
  if (!first || invocation.globals().verbosity > 0) invocation.print(changes_table(changes));
  invocation.out().line(project.lock_file.native() + ": " +
                        base::counted(lock.packages.size(), "package") + ", " +
                        changes_summary(changes) + (written ? "" : " (not written)"));
}

base::Result<int> check(Invocation& invocation, const Project& project,
                        const std::optional<lock::Lock>& earlier) {
  if (!earlier) {
    return base::unexpected(base::fail("cli.no-lock").with("path", project.lock_file.native()));
  }
  const std::optional<Disagreement> differs = disagreement(project.declaration, *earlier);
  if (invocation.json()) {
    invocation.print(
        base::Json{{"schema", 1},
                   {"lock", project.lock_file.native()},
                   {"agrees", !differs},
                   {"missing", differs ? differs->missing : std::vector<std::string>{}},
                   {"extra", differs ? differs->extra : std::vector<std::string>{}}});
    return differs ? 1 : 0;
  }
  if (differs) return current_lock(project).map([](const lock::Lock&) { return 1; });
  invocation.out().line(project.lock_file.native() + ": agrees with " + project.file.native());
  return 0;
}

// Names of tools become the packages behind them; [cli.unknown-tool] for what is neither.
base::Result<std::vector<std::string>> packages_of(const Project& project,
                                                   const std::optional<lock::Lock>& earlier,
                                                   const std::vector<std::string>& names) {
  std::vector<std::string> packages;
  std::vector<std::string> known;
  for (const declare::Name& tool : project.declaration.tools) known.push_back(tool.text);
  for (const declare::Name& module : project.declaration.python) known.push_back(module.text);
  for (const declare::Name& name : project.declaration.library_packages) known.push_back(name.text);
  for (const auto& [name, host] : project.declaration.hosts) {
    for (const declare::Name& tool : host.extra_tools) known.push_back(tool.text);
  }
  for (const std::string& name : names) {
    const bool declared = std::find(known.begin(), known.end(), name) != known.end();
    const bool module =
        std::any_of(project.declaration.python.begin(), project.declaration.python.end(),
                    [&](const declare::Name& one) { return one.text == name; });
    if (declared) {
      const auto package = module ? project.declaration.python_package(name)
                                  : project.declaration.debian_package(name);
      packages.push_back(package.value_or(name));
    } else if (earlier && earlier->find(name) != nullptr) {
      packages.push_back(name);
    } else {
      base::Error error = base::fail("cli.unknown-tool").with("name", name);
      const std::string likely = base::likely(name, known);
      if (!likely.empty()) error = std::move(error).with("likely", likely);
      return base::unexpected(std::move(error));
    }
  }
  return packages;
}

base::Result<int> run_lock(Invocation& invocation) {
  CCCI_TRY(const Project project, open_project(invocation));
  CCCI_TRY(const std::optional<lock::Lock> earlier, read_lock(project));
  if (invocation.has("check")) return check(invocation, project, earlier);
  const bool update = invocation.has("update");
  if (!update && !invocation.operands().empty()) {
    return base::unexpected(
        base::fail("cli.needs-update").with("name", invocation.operands().front()));
  }
  // Nothing asked differently: the answer stands, and nobody's network is needed.
  if (!update && earlier && !disagreement(project.declaration, *earlier)) {
    print_changes(invocation, project, *earlier, {}, true, false);
    return 0;
  }
  CCCI_TRY(const std::vector<std::string> names,
           packages_of(project, earlier, invocation.operands()));
  CCCI_TRY(const lock::Lock lock, resolve(project, invocation, earlier ? &*earlier : nullptr, names,
                                          update && names.empty()));
  const bool write = !invocation.has("dry-run");
  if (write) CCCI_CHECK(base::replace_file(project.lock_file, lock::write(lock)));
  print_changes(invocation, project, lock, lock::changes(earlier.value_or(lock::Lock{}), lock),
                write, !earlier);
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
