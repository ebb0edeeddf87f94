// SPDX-License-Identifier: GPL-3.0-or-later
#include <utility>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/invocation.hpp"
#include "declare/declaration.hpp"
#include "declare/runner_kind.hpp"
#include "environment/environment.hpp"
#include "environment/host_table.hpp"
#include "lock/lock.hpp"
#include "project/lock_status.hpp"
#include "project/project.hpp"
#include "project/view.hpp"
#include "store/store.hpp"

namespace ccci::cli {

namespace {

std::vector<std::string> texts(const std::vector<declare::Name>& names) {
  std::vector<std::string> list;
  list.reserve(names.size());
  for (const declare::Name& name : names) list.push_back(name.text);
  return list;
}

base::Json declared_json(const declare::Declaration& declaration) {
  base::Json json{{"tools", texts(declaration.tools)},
                  {"python", texts(declaration.python)},
                  {"packages", texts(declaration.library_packages)},
                  {"browsers", texts(declaration.browsers)},
                  {"host_files", declaration.host_files},
                  {"absent_libraries", declaration.absent_libraries},
                  {"variables", declaration.variables},
                  {"entrypoints", base::Json::object()},
                  {"timers", base::Json::object()},
                  {"runners", base::Json::object()},
                  {"hosts", base::Json::object()},
                  {"baselines", base::Json::object()}};
  for (const auto& [name, entrypoint] : declaration.entrypoints) {
    json["entrypoints"][name] = {{"exec", entrypoint.exec}};
  }
  for (const auto& [name, timer] : declaration.timers) {
    json["timers"][name] = {
        {"schedule", timer.schedule},      {"exec", timer.exec},
        {"directory", timer.directory},    {"user", timer.user},
        {"hosts", texts(timer.hosts)},     {"environment_files", timer.environment_files},
        {"credentials", timer.credentials}};
  }
  for (const auto& [name, runner] : declaration.runners) {
    json["runners"][name] = {{"kind", runner.kind},
                             {"unit", runner.unit},
                             {"program", runner.program},
                             {"trigger", runner.trigger},
                             {"hosts", texts(runner.hosts)}};
  }
  for (const auto& [name, host] : declaration.hosts) {
    json["hosts"][name] = {{"extra_tools", texts(host.extra_tools)}, {"address", host.address}};
  }
  for (const auto& [name, baseline] : declaration.baselines) {
    json["baselines"][name] = baseline.from.text.empty() ? base::Json(texts(baseline.tools))
                                                         : base::Json{{"from", baseline.from.text}};
  }
  json["sources"] = base::keys_of(declaration.apt_sources);
  json["waivers"] = declaration.waivers;
  json["health"] = {{"units", declaration.health.units},
                    {"commands", declaration.health.commands},
                    {"deadline", declaration.health.deadline.count()}};
  json["witness"] = declaration.witness;
  return json;
}

base::Json exposed_json(const environment::Environment& environment) {
  base::Json list = base::Json::array();
  for (const environment::Exposed& exposed : environment.exposed) {
    base::Json commands = base::Json::array();
    for (const environment::Command& command : exposed.commands) {
      base::Json one{
          {"name", command.name}, {"target", command.target}, {"package", command.package}};
      if (!command.needs.empty()) one["needs"] = command.needs;
      if (!command.lost.empty()) one["lost"] = command.lost;
      commands.push_back(std::move(one));
    }
    list.push_back({{"tool", exposed.tool},
                    {"package", exposed.package},
                    {"version", exposed.version},
                    {"directory", exposed.directory},
                    {"commands", std::move(commands)}});
  }
  return list;
}

base::Json scripts_json(const environment::Environment& environment) {
  base::Json list = base::Json::array();
  for (const environment::Script& script : environment.scripts) {
    list.push_back(
        {{"package", script.package}, {"name", script.name}, {"stands_in", script.stands_in}});
  }
  return list;
}

std::string package_origin(const source::Package& package) {
  switch (package.origin) {
    case source::Origin::debian:
      return (package.source.empty() ? "debian " : "apt " + package.source + " ") + package.suite +
             (package.component.empty() ? "" : " " + package.component);
    case source::Origin::archive:
      return "archive";
    case source::Origin::pypi:
      return "pypi";
    case source::Origin::npm:
      return "npm";
  }
  return {};
}

base::Json locked_json(const lock::Lock& lock, const std::string& set) {
  base::Json list = base::Json::array();
  for (const source::Package& package : lock.closure(set)) {
    list.push_back({{"name", package.name},
                    {"version", package.version},
                    {"architecture", package.architecture},
                    {"sha256", package.sha256},
                    {"size", package.size},
                    {"from", package_origin(package)},
                    {"uri", package.uri},
                    {"because", package.because}});
  }
  return list;
}

base::Json elsewhere_json(const lock::Lock& lock) {
  base::Json list = base::Json::array();
  for (const lock::Elsewhere& one : lock.elsewhere) {
    list.push_back({{"name", one.name}, {"version", one.version}, {"integrity", one.integrity}});
  }
  return list;
}

// The commands of a tool in one cell: all if they are few, otherwise the first one and the number.
std::string command_list(const environment::Exposed& exposed) {
  constexpr std::size_t shown = 4;
  std::vector<std::string> names;
  for (const environment::Command& command : exposed.commands) names.push_back(command.name);
  if (names.size() <= shown + 1) return base::join(names, " ");
  const std::size_t more = names.size() - shown;
  names.resize(shown);
  return base::join(names, " ") + " and " + std::to_string(more) + " more";
}

void print_tools(Invocation& invocation, const project::Project& project,
                 const std::optional<lock::Lock>& lock,
                 const std::optional<environment::Environment>& environment) {
  report::Table table({{.heading = "tool"},
                       {.heading = "package"},
                       {.heading = "version"},
                       {.heading = "commands", .elastic = true}});
  if (environment) {
    for (const environment::Exposed& exposed : environment->exposed) {
      table.row({exposed.tool, exposed.package, exposed.version, command_list(exposed)});
    }
  } else {
    for (const declare::Name& tool : project.declaration.tools) {
      const std::string package = project.declaration.tool_packages(tool.text).front();
      const source::Package* locked = lock ? lock->find(package) : nullptr;
      const declare::PackageRule* rule = project.declaration.rule(tool.text);
      const auto* npm = rule == nullptr ? nullptr : std::get_if<declare::NpmPackage>(&rule->from);
      if (locked == nullptr && npm != nullptr && !npm->lock.text.empty()) {
        table.row({tool.text, npm->lock.text, "", "not built"});
        continue;
      }
      table.row(
          {tool.text, package, locked != nullptr ? locked->version : "not locked", "not built"});
    }
  }
  invocation.print(table);
}

// "ping (capability)": the commands of declared tools whose files have lost a right.
std::vector<std::string> lost_rights(const environment::Environment& environment) {
  std::vector<std::string> lost;
  for (const environment::Exposed& exposed : environment.exposed) {
    if (exposed.package.empty()) continue;
    for (const environment::Command& command : exposed.commands) {
      if (!command.lost.empty()) lost.push_back(command.name + " (" + command.lost + ")");
    }
  }
  return lost;
}

void print_rest(Invocation& invocation, const project::Project& project,
                const std::optional<lock::Lock>& lock,
                const std::optional<environment::Environment>& environment,
                const std::string& set) {
  const declare::Declaration& declaration = project.declaration;
  report::Table table({{.heading = ""}, {.heading = "", .elastic = true}});
  const auto row = [&](const char* name, const std::vector<std::string>& values) {
    if (!values.empty()) table.row({name, base::join(values, ", ")});
  };
  row("python", texts(declaration.python));
  row("packages", texts(declaration.library_packages));
  row("browsers", texts(declaration.browsers));
  row("host files", declaration.host_files);
  std::vector<std::string> variables;
  for (const auto& [name, value] : declaration.variables) variables.push_back(name + "=" + value);
  row("variables", variables);
  row("entrypoints", base::keys_of(declaration.entrypoints));
  for (const auto& [name, timer] : declaration.timers) {
    table.row({"timer", name + ": " + timer.schedule + ": " + base::join(timer.exec, " ")});
  }
  for (const auto& [name, runner] : declaration.runners) {
    table.row({"runner", name + ": " + runner.kind});
  }
  row("hosts", base::keys_of(declaration.hosts));
  if (lock) {
    std::map<std::string, std::vector<std::string>> others;
    for (const source::Package& package : lock->closure(set)) {
      if (!package.source.empty()) others[package.source].push_back(package.name);
    }
    for (const auto& [source, packages] : others) row(("from " + source).c_str(), packages);
    table.row({"lock", project.lock_file.native() + ": " +
                           base::counted(lock->closure(set).size(), "package")});
  }
  if (environment) row("lost rights", lost_rights(*environment));
  if (environment && !environment->digest.empty()) {
    table.row({"environment",
               environment->address.hash + " (" + base::human_bytes(environment->bytes) + ")"});
    table.row({"digest", environment->digest});
    table.row({"root", environment->root});
  }
  invocation.print(table);
}

base::Result<int> print_scripts(Invocation& invocation,
                                const std::optional<environment::Environment>& environment) {
  if (!environment) return base::unexpected(base::fail("cli.not-built"));
  report::Table table({{.heading = "package"},
                       {.heading = "script"},
                       {.heading = "what replaces it", .elastic = true}});
  for (const environment::Script& script : environment->scripts) {
    table.row({script.package, script.name,
               script.stands_in.empty() ? "nothing: not run" : script.stands_in});
  }
  for (const environment::Exposed& exposed : environment->exposed) {
    if (exposed.package.empty()) continue;
    for (const environment::Command& command : exposed.commands) {
      if (command.lost.empty()) continue;
      table.row(
          {command.package, command.lost,
           "nothing: " + command.name + " has lost it; a job that is not root gains no rights"});
    }
  }
  invocation.print(table);
  return 0;
}

// The facts about a runner's kind, in the order of printing.
std::vector<std::pair<std::string, std::string>> runner_facts(const declare::Runner& runner) {
  const declare::RunnerKind& kind = declare::runner_kind(runner.kind);
  return {{"kind", runner.kind},
          {"unit", declare::runner_unit(runner)},
          {"environment", std::string(kind.environment)},
          {"wins", std::string(kind.wins)},
          {"fixed", std::string(kind.fixed)},
          {"writes", std::string(kind.writes)}};
}

int print_runners(Invocation& invocation, const declare::Declaration& declaration) {
  report::Table table({{.heading = "runner"}, {.heading = ""}, {.heading = "", .elastic = true}});
  for (const auto& [name, runner] : declaration.runners) {
    std::string first = name;
    for (const auto& [fact, value] : runner_facts(runner)) {
      table.row({std::exchange(first, ""), fact, value.empty() ? "none" : value});
    }
  }
  invocation.print(table);
  return 0;
}

int print_host_files(Invocation& invocation, const declare::Declaration& declaration) {
  report::Table table(
      {{.heading = "path"}, {.heading = "what of the host it is", .elastic = true}});
  for (const environment::HostEntry& entry : environment::host_entries()) {
    table.row({"/" + std::string(entry.path), std::string(entry.what)});
  }
  for (const std::string& file : declaration.host_files) table.row({file, "declared: host_files"});
  invocation.print(table);
  return 0;
}

base::Result<int> run_show(Invocation& invocation) {
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  CCCI_TRY(const std::optional<lock::Lock> lock, project::read_lock(project));
  std::string set = "shared";
  if (const std::optional<std::string> host = invocation.value("host")) {
    CCCI_TRY(const std::vector<std::string> names, project::hosts(project, {*host}));
    set = names.front();
  }
  std::optional<environment::Environment> environment;
  if (lock && !project::disagreement(project.declaration, *lock)) {
    CCCI_TRY(const store::Store store, look_at_store(invocation));
    CCCI_TRY(environment, project::environment_of(store, project.declaration, *lock, set));
  }
  if (invocation.json()) {
    base::Json json{{"schema", 1}, {"declared", declared_json(project.declaration)}};
    json["locked"] = lock ? locked_json(*lock, set) : base::Json();
    if (lock && !lock->elsewhere.empty()) json["elsewhere"] = elsewhere_json(*lock);
    json["exposed"] = environment ? exposed_json(*environment) : base::Json();
    if (environment) {
      json["environment"] = {{"hash", environment->address.hash},
                             {"digest", environment->digest},
                             {"root", environment->root}};
      json["scripts"] = scripts_json(*environment);
    }
    for (const auto& [name, runner] : project.declaration.runners) {
      for (const auto& [fact, value] : runner_facts(runner)) json["runners"][name][fact] = value;
    }
    invocation.print(json);
    return 0;
  }
  if (invocation.has("runners")) return print_runners(invocation, project.declaration);
  if (invocation.has("host-files")) return print_host_files(invocation, project.declaration);
  if (invocation.has("scripts")) return print_scripts(invocation, environment);
  print_tools(invocation, project, lock, environment);
  invocation.out().line("");
  print_rest(invocation, project, lock, environment, set);
  return 0;
}

}  // namespace

const Command& show_command() {
  static const Command command{
      .name = "show",
      .section = "Look",
      .purpose = "show the declared tools, their locked versions and their commands",
      .options = {{.name = "host",
                   .value = "HOST",
                   .help = "include the extra tools of HOST",
                   .completes = Completion::host},
                  {.name = "host-files",
                   .help = "list what jobs see of the host below /etc, /opt, /var/cache and "
                           "/var/lib"},
                  {.name = "scripts",
                   .help = "list the maintainer scripts that were not run, and what replaces each"},
                  {.name = "runners",
                   .help = "describe how each runner's engine makes a job's environment"},
                  json_option()},
      .prose =
          "Changes nothing. Commands are known only after cc-ci build, when the packages are in "
          "the store.",
      .example = "cc-ci show --scripts",
      .run = &run_show,
  };
  return command;
}

}  // namespace ccci::cli
