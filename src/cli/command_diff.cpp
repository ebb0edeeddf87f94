// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/changes_text.hpp"
#include "cli/commands.hpp"
#include "cli/look.hpp"
#include "environment/build.hpp"

namespace ccci::cli {

namespace {

// One side of the comparison. What is not known of it is not compared.
struct Side {
  std::string name;
  std::optional<lock::Lock> lock;
  std::optional<environment::Environment> environment;
};

base::Result<std::optional<std::string>> git_show(const std::string& revision,
                                                  const std::filesystem::path& file) {
  base::Command command;
  command.argv = {"git",
                  "-C",
                  file.has_parent_path() ? file.parent_path().native() : ".",
                  "show",
                  "--end-of-options",
                  revision + ":./" + file.filename().native()};
  command.output_limit = lock::largest_lock;
  CCCI_TRY(const base::Outcome outcome, base::real_processes().run(command));
  if (outcome.status != 0 || outcome.truncated) return std::optional<std::string>{};
  return std::optional(outcome.out);
}

base::Result<Side> lock_side(const store::Store& store, const std::string& name,
                             const std::string& lock_text, const std::string& lock_name,
                             const std::optional<std::string>& declaration_text,
                             const std::string& declaration_name) {
  Side side;
  side.name = name;
  CCCI_TRY(side.lock, lock::read(lock_text, lock_name));
  if (!declaration_text) return side;
  // A declaration of another time may not parse any more; then only the packages are compared.
  const auto declaration = declare::parse(*declaration_text, declaration_name);
  if (!declaration || side.lock->asks != lock::fingerprint(*declaration)) return side;
  CCCI_TRY(side.environment, look(store, *declaration, *side.lock, "shared"));
  return side;
}

base::Result<std::optional<std::string>> sibling(const std::filesystem::path& lock_file) {
  const std::filesystem::path file = std::filesystem::path(lock_file).replace_extension(".toml");
  if (!std::filesystem::exists(file)) return std::optional<std::string>{};
  CCCI_TRY(std::string text, base::read_file(file, declare::largest_declaration));
  return std::optional(std::move(text));
}

// A lock file, an environment of the store, or a git revision of the lock: whichever it is first.
base::Result<Side> read_side(const store::Store& store, const Globals& globals,
                             const std::string& name) {
  const std::filesystem::path declaration(globals.file);
  if (std::filesystem::is_regular_file(name)) {
    CCCI_TRY(const std::string text, base::read_file(name, lock::largest_lock));
    CCCI_TRY(const std::optional<std::string> beside, sibling(name));
    return lock_side(store, name, text, name, beside, name);
  }
  if (const auto address = store.find(name); address && address->kind == store::Kind::environment) {
    Side side;
    side.name = name;
    CCCI_TRY(side.environment, environment::load(store, *address));
    return side;
  }
  const std::filesystem::path lock_file =
      std::filesystem::path(declaration).replace_extension(".lock");
  CCCI_TRY(const std::optional<std::string> text, git_show(name, lock_file));
  if (!text)
    return base::unexpected(
        base::fail("cli.no-such-side").with("name", name).with("lock", lock_file.native()));
  CCCI_TRY(const std::optional<std::string> declared, git_show(name, declaration));
  return lock_side(store, name, *text, name + ":" + lock_file.native(), declared,
                   name + ":" + declaration.native());
}

struct Difference {
  std::vector<std::string> appeared;
  std::vector<std::string> vanished;
  bool known = false;
};

Difference compare(const std::optional<std::set<std::string>>& before,
                   const std::optional<std::set<std::string>>& after) {
  Difference difference;
  if (!before || !after) return difference;
  difference.known = true;
  std::set_difference(after->begin(), after->end(), before->begin(), before->end(),
                      std::back_inserter(difference.appeared));
  std::set_difference(before->begin(), before->end(), after->begin(), after->end(),
                      std::back_inserter(difference.vanished));
  return difference;
}

std::optional<std::set<std::string>> commands_of(const Side& side) {
  if (!side.environment) return std::nullopt;
  std::set<std::string> names;
  for (const environment::Exposed& exposed : side.environment->exposed) {
    for (const environment::Command& command : exposed.commands) names.insert(command.name);
  }
  return names;
}

std::optional<std::set<std::string>> tools_of(const Side& side) {
  std::set<std::string> names;
  if (side.environment) {
    for (const environment::Exposed& exposed : side.environment->exposed) {
      if (!exposed.package.empty()) names.insert(exposed.tool);
    }
    return names;
  }
  for (const source::Package& package : side.lock->packages) {
    for (const std::string& reason : package.because) {
      if (reason.starts_with("tool ")) names.insert(reason.substr(5));
    }
  }
  return names;
}

std::vector<lock::Change> package_changes(const Side& before, const Side& after) {
  if (before.lock && after.lock) return lock::changes(*before.lock, *after.lock);
  return {};
}

base::Json to_json(const Difference& difference) {
  if (!difference.known) return {};
  return {{"appeared", difference.appeared}, {"vanished", difference.vanished}};
}

void print_lines(Invocation& invocation, const char* what, const Difference& difference) {
  for (const std::string& name : difference.appeared) {
    invocation.out().line(std::string("+ ") + what + " " + name);
  }
  for (const std::string& name : difference.vanished) {
    invocation.out().line(std::string("- ") + what + " " + name);
  }
}

base::Result<int> run_diff(Invocation& invocation) {
  const std::vector<std::string>& operands = invocation.operands();
  CCCI_TRY(const store::Store store, store::Store::open(invocation.globals().state));
  const std::string lock_file =
      std::filesystem::path(invocation.globals().file).replace_extension(".lock").native();
  CCCI_TRY(const Side before,
           read_side(store, invocation.globals(), operands.empty() ? "HEAD" : operands[0]));
  CCCI_TRY(const Side after,
           read_side(store, invocation.globals(), operands.size() < 2 ? lock_file : operands[1]));
  const std::vector<lock::Change> packages = package_changes(before, after);
  const Difference tools = compare(tools_of(before), tools_of(after));
  const Difference commands = compare(commands_of(before), commands_of(after));
  if (invocation.json()) {
    invocation.print(base::Json{{"schema", 1},
                                {"before", before.name},
                                {"after", after.name},
                                {"tools", to_json(tools)},
                                {"packages", changes_json(packages)},
                                {"commands", to_json(commands)}});
    return 0;
  }
  print_lines(invocation, "tool", tools);
  print_lines(invocation, "command", commands);
  invocation.print(changes_table(packages));
  if (!commands.known) {
    invocation.warn(
        "commands are not compared: the store does not have all packages of both sides");
  }
  const bool same = packages.empty() && tools.appeared.empty() && tools.vanished.empty() &&
                    commands.appeared.empty() && commands.vanished.empty();
  if (same) invocation.out().line("no difference");
  return 0;
}

}  // namespace

const Command& diff_command() {
  static const Command command{
      .name = "diff",
      .section = "Look",
      .purpose = "show the differences between two locks, environments or revisions",
      .operands = {{.name = "BEFORE", .optional = true, .completes = Completion::file},
                   {.name = "AFTER", .optional = true, .completes = Completion::file}},
      .options = {json_option()},
      .prose =
          "BEFORE and AFTER are lock files, environments (the first digits of the hash) or git "
          "revisions of the lock. The default is HEAD and the present lock. Tools and commands "
          "that appeared or vanished come first, then packages.",
      .example = "cc-ci diff HEAD~1",
      .run = &run_diff,
  };
  return command;
}

}  // namespace ccci::cli
