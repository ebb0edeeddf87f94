// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/why.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "declare/known_commands.hpp"
#include "environment/alternatives.hpp"
#include "environment/command_index.hpp"
#include "environment/part.hpp"
#include "environment/plan.hpp"
#include "lock/changes.hpp"
#include "project/view.hpp"
#include "store/meta.hpp"

namespace ccci::project {

namespace {

struct Answer {
  std::string subject;
  std::vector<std::string> commands;
  const source::Package* package = nullptr;
  std::string declare = {};
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

// The package that contains the path, found in the packages' manifests.
base::Result<const source::Package*> owner(const store::Store& store, const lock::Lock& lock,
                                           const std::string& path) {
  for (const source::Package& package : lock.packages) {
    if (!store.has(environment::object_address(package))) continue;
    CCCI_TRY(const Parts parts, environment::read_parts(store, {package}));
    std::string prefix = environment::own_directory(package);
    if (!prefix.empty()) prefix += "/";
    if (!path.starts_with(prefix)) continue;
    if (parts.front().manifest.find(path.substr(prefix.size())) != nullptr) return &package;
  }
  return nullptr;
}

// The path of the file behind `path`, in the root that the manifest describes. Follows links as a
// process inside does. Empty if there is none.
std::string real_path(const store::Manifest& manifest, const std::string& path) {
  constexpr int most_links = 40;
  std::string rest = path;
  std::string at;
  int links = 0;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string part = rest.substr(0, slash);
    rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      at = at.substr(0, at.rfind('/') == std::string::npos ? 0 : at.rfind('/'));
      continue;
    }
    const std::string next = at.empty() ? part : at + "/" + part;
    const store::Entry* entry = manifest.find(next);
    if (entry == nullptr) return {};
    if (entry->type != store::Entry::Type::link) {
      at = next;
      continue;
    }
    if (++links > most_links) return {};
    const bool absolute = entry->target.starts_with('/');
    if (absolute) at.clear();
    const std::string target = absolute ? environment::merged_path(entry->target) : entry->target;
    rest = target + (rest.empty() ? "" : "/" + rest);
  }
  return at;
}

std::string how_to_declare(const source::Package& package) {
  if (package.origin == source::Origin::debian) {
    return "add '" + package.name + "' to [runtime] tools";
  }
  if (package.origin != source::Origin::pypi) return {};
  const std::string name = package.name.substr(package.name.find(':') + 1);
  return "add '" + name + "' to [runtime] python, and: [packages." + name + "] pypi = \"" + name +
         "\"";
}

// A program that the environment has and no tool puts on PATH: of a dependency, or an alternative.
base::Result<std::optional<Answer>> find_hidden(
    const store::Store& store, const lock::Lock& lock,
    const std::optional<environment::Environment>& environment, const std::string& name) {
  std::optional<store::Manifest> root;
  if (environment && store.has(environment->address)) {
    CCCI_TRY(root, store::object_manifest(store, environment->address));
  }
  for (const std::string_view directory : environment::program_directories) {
    const std::string path = std::string(directory) + name;
    const std::string real = root ? real_path(*root, path) : path;
    if (real.empty()) continue;
    CCCI_TRY(const source::Package* package, owner(store, lock, real));
    if (package == nullptr) continue;
    return Answer{name, {name + ": /" + path + ", not on PATH"}, package, how_to_declare(*package)};
  }
  return std::optional<Answer>();
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

// What a lock of npm in the project names: by its place below node_modules, or by the tool that
// stands for all that the project depends on.
const source::Package* find_in_project(const lock::Lock& lock, const std::string& name) {
  const source::Package* of_tool = nullptr;
  for (const source::Package& package : lock.packages) {
    if (!package.name.starts_with("npm:./")) continue;
    if (package.name.ends_with("/node_modules/" + name)) return &package;
    const auto& reasons = package.because;
    const bool direct = std::find(reasons.begin(), reasons.end(), "tool " + name) != reasons.end();
    if (of_tool == nullptr && direct) of_tool = &package;
  }
  return of_tool;
}

// Searches tools, commands, modules and packages, in this order: the most likely meaning first.
base::Result<Answer> find_name(const Project& project, const store::Store& store,
                               const lock::Lock& lock,
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
  std::vector<std::string> names;
  if (declared(declaration.tools) || extra) {
    names = declaration.tool_packages(name);
  } else if (declared(declaration.python)) {
    names = declaration.module_packages(name);
  }
  const source::Package* named = nullptr;
  for (const std::string& one : names) {
    const source::Package* package = lock.find(one);
    const bool indexed = package != nullptr && package->origin == source::Origin::pypi;
    if (package != nullptr && (named == nullptr || indexed)) named = package;
  }
  if (named != nullptr) answer.package = named;
  if (answer.package == nullptr) answer.package = lock.find(name);
  if (answer.package == nullptr) answer.package = lock.find(declare::pypi_package(name));
  if (answer.package == nullptr) answer.package = lock.find("npm:" + name);
  if (answer.package == nullptr) answer.package = find_in_project(lock, name);
  if (answer.package != nullptr) return answer;
  CCCI_TRY(std::optional<Answer> hidden, find_hidden(store, lock, environment, name));
  if (hidden) return std::move(*hidden);
  if (const auto debian = declare::package_of(name); !debian.empty()) {
    return base::unexpected(base::fail("cli.undeclared-command")
                                .with("name", name)
                                .with("package", std::string(debian))
                                .with("others", std::string(declare::other_packages_of(name))));
  }
  base::Error error = base::fail("cli.unknown-name").with("name", name);
  const std::string likely = base::likely(name, every_name(project, lock, environment));
  if (!likely.empty()) error = std::move(error).with("likely", likely);
  return base::unexpected(std::move(error));
}

base::Result<Answer> find(const Project& project, const store::Store& store, const lock::Lock& lock,
                          const std::string& subject) {
  CCCI_TRY(const auto environment, environment_of(store, project.declaration, lock, "shared"));
  if (!subject.starts_with('/')) return find_name(project, store, lock, environment, subject);
  std::string path = environment::merged_path(subject);
  CCCI_TRY(const source::Package* package, owner(store, lock, path));
  if (package == nullptr && environment && store.has(environment->address)) {
    // A link that no package contains: an alternative, or a command on PATH.
    CCCI_TRY(const store::Manifest root, store::object_manifest(store, environment->address));
    path = real_path(root, path);
    if (!path.empty()) {
      CCCI_TRY(package, owner(store, lock, path));
    }
  }
  if (package != nullptr) return Answer{subject, {}, package, {}};
  return base::unexpected(base::fail("cli.unowned-path").with("path", subject));
}

}  // namespace

base::Result<Why> why(const Project& project, const store::Store& store, const lock::Lock& lock,
                      const std::string& subject) {
  CCCI_TRY(Answer answer, find(project, store, lock, subject));
  Why why{std::move(answer.subject),
          std::move(answer.commands),
          *answer.package,
          {},
          std::move(answer.declare)};
  for (auto& links : lock::chains(lock, why.package.name)) {
    why.chains.push_back({declared_at(project.declaration, links.front()), std::move(links)});
  }
  return why;
}

}  // namespace ccci::project
