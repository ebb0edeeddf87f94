// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <filesystem>

#include "activate/generations.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/invocation.hpp"
#include "project/difference.hpp"
#include "project/project.hpp"
#include "store/store.hpp"
#include "view/changes.hpp"

namespace ccci::cli {

namespace {

base::Json to_json(const project::Names& difference) {
  if (!difference.known) return {};
  return {{"appeared", difference.appeared}, {"vanished", difference.vanished}};
}

void print_lines(Invocation& invocation, const char* what, const project::Names& difference) {
  for (const std::string& name : difference.appeared) {
    invocation.out().line(std::string("+ ") + what + " " + name);
  }
  for (const std::string& name : difference.vanished) {
    invocation.out().line(std::string("- ") + what + " " + name);
  }
}

base::Json to_json(const std::vector<project::VariableChange>& changes) {
  const auto value = [](const std::optional<std::string>& text) {
    return text ? base::Json(*text) : base::Json(nullptr);
  };
  base::Json list = base::Json::array();
  for (const project::VariableChange& change : changes)
    list.push_back(
        {{"name", change.name}, {"before", value(change.before)}, {"after", value(change.after)}});
  return list;
}

void print_variables(Invocation& invocation, const std::vector<project::VariableChange>& changes) {
  for (const project::VariableChange& change : changes) {
    if (change.before)
      invocation.out().line("- variable " + change.name + "=" + base::printable(*change.before));
    if (change.after)
      invocation.out().line("+ variable " + change.name + "=" + base::printable(*change.after));
  }
}

// A generation of this host has a number; all other names are the project's or the store's. A
// number of four digits may be the start of a hash, so a generation must exist.
base::Result<project::Side> side_of(const store::Store& store, const std::filesystem::path& file,
                                    const std::string& name) {
  const activate::Generations generations(host_layout());
  CCCI_TRY(const std::vector<std::uint64_t> numbers, generations.numbers());
  const auto number = std::find_if(numbers.begin(), numbers.end(),
                                   [&](std::uint64_t one) { return std::to_string(one) == name; });
  if (number == numbers.end()) return project::read_side(store, file, name);
  CCCI_TRY(const activate::Generation generation, generations.read(*number));
  const std::string shown = "generation " + name;
  if (generation.state == store.state() || generation.state.empty())
    return project::environment_side(store, shown, generation.environment);
  CCCI_TRY(const store::Store other, store::Store::look(generation.state));
  return project::environment_side(other, shown, generation.environment);
}

base::Result<int> run_diff(Invocation& invocation) {
  const std::vector<std::string>& operands = invocation.operands();
  const std::filesystem::path file = invocation.globals().file;
  CCCI_TRY(const store::Store store, look_at_store(invocation));
  CCCI_TRY(const project::Side before,
           side_of(store, file, operands.empty() ? "HEAD" : operands[0]));
  CCCI_TRY(const project::Side after,
           side_of(store, file,
                   operands.size() < 2 ? project::lock_file_of(file).native() : operands[1]));
  const project::Difference found = project::difference(before, after);
  if (invocation.json()) {
    invocation.print(base::Json{{"schema", 1},
                                {"before", before.name},
                                {"after", after.name},
                                {"tools", to_json(found.tools)},
                                {"packages", view::changes_json(found.packages)},
                                {"commands", to_json(found.commands)},
                                {"variables", to_json(found.variables)},
                                {"otherwise", found.otherwise}});
    return 0;
  }
  print_lines(invocation, "tool", found.tools);
  print_lines(invocation, "command", found.commands);
  print_variables(invocation, found.variables);
  invocation.print(view::changes_table(found.packages));
  if (!found.commands.known) {
    invocation.warn(
        "commands are not compared: the store does not have all packages of both sides");
  }
  if (found.otherwise)
    invocation.out().line(
        "the environments differ in files that no package has: those of the declaration "
        "(host_files, certificates), or what another version of cc-ci writes");
  if (found.empty()) invocation.out().line("no difference");
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
          "BEFORE and AFTER are lock files, numbers of generations of this machine, environments "
          "or "
          "systems (the first digits of the hash), or git revisions of the lock. The default is "
          "HEAD and the present lock. Tools and commands "
          "that appeared or vanished come first, then variables that a job gets, then packages.",
      .example = "cc-ci diff HEAD~1",
      .run = &run_diff,
  };
  return command;
}

}  // namespace ccci::cli
