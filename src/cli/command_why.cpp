// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/look.hpp"
#include "environment/alternatives.hpp"

namespace ccci::cli {

namespace {

struct Answer {
  std::string subject;
  std::vector<std::string> commands;  // "git: /usr/bin/git", where it is a command
  const source::Package* package = nullptr;
};

using Parts = std::vector<environment::Part>;

const environment::Command* find_command(const environment::Environment& environment,
                                         const std::string& name) {
  for (const environment::Exposed& exposed : environment.exposed) {
    for (const environment::Command& command : exposed.commands) {
      if (command.name == name) return &command;
    }
  }
  return nullptr;
}

// The package that has the path, through the packages' manifests.
base::Result<const source::Package*> owner(const store::Store& store, const lock::Lock& lock,
                                           const std::string& path) {
  for (const source::Package& package : lock.packages) {
    if (!store.has(environment::object_address(package))) continue;
    CCCI_TRY(const Parts parts, environment::read_parts(store, {package}));
    const bool pinned = package.origin == source::Origin::archive;
    const std::string prefix = pinned ? environment::archive_directory(package.name) + "/" : "";
    if (!path.starts_with(prefix)) continue;
    if (parts.front().manifest.find(path.substr(prefix.size())) != nullptr) return &package;
  }
  return nullptr;
}

std::vector<std::string> every_name(const Project& project, const lock::Lock& lock,
                                    const std::optional<environment::Environment>& environment) {
  std::vector<std::string> names;
  for (const declare::Name& tool : project.declaration.tools) names.push_back(tool.text);
  for (const declare::Name& module : project.declaration.python) names.push_back(module.text);
  for (const source::Package& package : lock.packages) names.push_back(package.name);
  if (environment) {
    for (const environment::Exposed& exposed : environment->exposed) {
      for (const environment::Command& command : exposed.commands) names.push_back(command.name);
    }
  }
  return names;
}

// A tool, a command, a module or a package, in this order: what a person is likeliest to mean.
base::Result<Answer> find_name(const Project& project, const lock::Lock& lock,
                               const std::optional<environment::Environment>& environment,
                               const std::string& name) {
  const declare::Declaration& declaration = project.declaration;
  const auto declared = [&](const std::vector<declare::Name>& names) {
    return std::any_of(names.begin(), names.end(),
                       [&](const declare::Name& one) { return one.text == name; });
  };
  Answer answer;
  answer.subject = name;
  const environment::Command* command = environment ? find_command(*environment, name) : nullptr;
  if (command != nullptr) {
    answer.commands.push_back(command->name + ": " + command->target);
    answer.package = lock.find(command->package);
  }
  bool extra = false;
  for (const auto& [host, value] : declaration.hosts) extra = extra || declared(value.extra_tools);
  if (declared(declaration.tools) || extra) {
    answer.package = lock.find(declaration.debian_package(name).value_or(name));
  } else if (declared(declaration.python)) {
    answer.package = lock.find(declaration.python_package(name).value_or(name));
  }
  if (answer.package == nullptr) answer.package = lock.find(name);
  if (answer.package != nullptr) return answer;
  base::Error error = base::fail("cli.unknown-name").with("name", name);
  const std::string likely = base::likely(name, every_name(project, lock, environment));
  if (!likely.empty()) error = std::move(error).with("likely", likely);
  return base::unexpected(std::move(error));
}

void print_answer(Invocation& invocation, const Project& project, const lock::Lock& lock,
                  const Answer& answer) {
  const source::Package& package = *answer.package;
  const auto chains = lock::chains(lock, package.name);
  std::vector<std::string> places;
  for (const auto& chain : chains) places.push_back(place_of(project.declaration, chain.front()));
  if (invocation.json()) {
    base::Json json{{"schema", 1},
                    {"subject", answer.subject},
                    {"commands", answer.commands},
                    {"package", package.name},
                    {"version", package.version},
                    {"sets", package.sets},
                    {"essential", package.essential},
                    {"chains", base::Json::array()}};
    for (std::size_t i = 0; i < chains.size(); ++i) {
      json["chains"].push_back({{"declared", places[i]}, {"chain", chains[i]}});
    }
    invocation.print(json);
    return;
  }
  report::Table table({{.heading = ""}, {.heading = "", .elastic = true}});
  for (const std::string& command : answer.commands) table.row({"command", command});
  std::string origin =
      package.suite.empty() ? package.uri : package.suite + "/" + package.component;
  table.row({"package", package.name + " " + package.version + " (" + origin + ")"});
  if (package.essential) table.row({"", "Essential: every Debian system has it"});
  const bool shared = package.sets == std::vector<std::string>{"shared"};
  if (!shared) table.row({"hosts", base::join(package.sets, ", ")});
  for (std::size_t i = 0; i < chains.size(); ++i) {
    table.row({i == 0 ? "because" : "", base::join(chains[i], " -> ")});
    if (!places[i].empty()) table.row({"", "declared at " + places[i]});
  }
  invocation.print(table);
}

base::Result<int> run_why(Invocation& invocation) {
  const std::string& subject = invocation.operands().front();
  CCCI_TRY(const Project project, open_project(invocation));
  CCCI_TRY(const lock::Lock lock, current_lock(project));
  CCCI_TRY(const store::Store store, store::Store::open(invocation.globals().state));
  CCCI_TRY(const std::optional<environment::Environment> environment,
           look(store, project.declaration, lock, "shared"));
  if (subject.starts_with('/')) {
    const std::string path = environment::merged_path(subject);
    CCCI_TRY(const source::Package* package, owner(store, lock, path));
    if (package == nullptr) {
      return base::unexpected(base::fail("cli.unowned-path").with("path", subject));
    }
    print_answer(invocation, project, lock, {subject, {}, package});
    return 0;
  }
  CCCI_TRY(const Answer answer, find_name(project, lock, environment, subject));
  print_answer(invocation, project, lock, answer);
  return 0;
}

}  // namespace

const Command& why_command() {
  static const Command command{
      .name = "why",
      .section = "Look",
      .purpose = "show why something is in the environment",
      .operands = {{.name = "NAME", .completes = Completion::package}},
      .options = {json_option()},
      .prose =
          "Shows the line of the declaration and the chain of dependencies. NAME is a tool, a "
          "command, a Python module, a package, or the absolute path of a file in the environment.",
      .example = "cc-ci why libcurl3-gnutls",
      .run = &run_why,
  };
  return command;
}

}  // namespace ccci::cli
